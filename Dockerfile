# The three Java programs, built once: --target migrator, receiver or worker.
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG JRE_IMAGE=eclipse-temurin:25-jre
FROM ${JDK_IMAGE} AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends maven \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pom.xml ./
COPY contract contract
COPY db-migrations db-migrations
COPY embedded-postgres embedded-postgres
COPY embedded-s3 embedded-s3
COPY photo-store photo-store
COPY fuzz fuzz
COPY receiver-service receiver-service
COPY worker-service worker-service
# This module is not built here, but Maven reads the pom of every module.
COPY fault-injection/pom.xml fault-injection/
# A mirror of Maven Central, for networks that cannot reach it, e.g. --build-arg MAVEN_MIRROR_URL=https://nexus.example/maven
ARG MAVEN_MIRROR_URL=
RUN mkdir -p /root/.m2 \
  && if [ -n "$MAVEN_MIRROR_URL" ]; then \
       printf '<settings><mirrors><mirror><id>mirror</id><mirrorOf>central</mirrorOf><url>%s</url></mirror></mirrors></settings>' \
         "$MAVEN_MIRROR_URL" > /root/.m2/settings.xml; \
     fi
# Maven resolves the test dependencies even if no test is compiled, so embedded-postgres and fuzz are in the reactor. Their npm
# download and unpacking are skipped, and no file of these modules gets into an image.
RUN MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow mvn -q -B package \
    -pl db-migrations,receiver-service,worker-service -am \
    -Dmaven.test.skip -Dspotless.check.skip -Dexec.skip -Dmaven.antrun.skip
# Libraries change rarely, our classes often. In separate layers, an upgrade transfers few bytes. Without --launcher the jar
# starts from its own class path, which is faster than Boot's loader.
RUN for jar in db-migrations/target/*-exec.jar receiver-service/target/*-SNAPSHOT.jar worker-service/target/*-SNAPSHOT.jar; do \
      java -Djarmode=tools -jar "$jar" extract --layers --application-filename app.jar \
        --destination "/layers/${jar%%/*}" || exit 1; \
    done

FROM ${JRE_IMAGE} AS runtime
RUN groupadd --system --gid 10001 app && useradd --system --uid 10001 --gid app --no-create-home app
# Two arenas instead of eight for each processor: then the JVM's own threads hold less unused memory.
ENV MALLOC_ARENA_MAX=2
WORKDIR /app
USER 10001

# Runs once and ends, so it has no cache.
FROM runtime AS migrator
COPY --from=build /layers/db-migrations/dependencies/ ./
COPY --from=build /layers/db-migrations/snapshot-dependencies/ ./
COPY --from=build /layers/db-migrations/application/ ./
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=50", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-jar", "app.jar"]

FROM runtime AS receiver
COPY --from=build /layers/receiver-service/dependencies/ ./
COPY --from=build /layers/receiver-service/snapshot-dependencies/ ./
COPY --from=build /layers/receiver-service/application/ ./
COPY receiver-service/jvm.options deploy/train ./
# The cache is created here and not in the build stage, because it fits only this Java and these files.
USER root
RUN ./train receiver . -XX:+UseSerialGC @jvm.options
USER 10001
EXPOSE 8080 9080
# Liveness, not readiness: a receiver whose database is down still answers 503 with Retry-After and must not be killed.
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --retries=4 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9080/actuator/health/liveness"]
# Most of the container's memory limit is for the heap; the rest is for thread stacks, metaspace and buffers. Below 1792 MB
# Java chooses the serial collector by itself.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=55", "-XX:+ExitOnOutOfMemoryError", "@jvm.options", "-XX:AOTCache=app.aot", "-jar", "app.jar"]

FROM runtime AS worker
COPY --from=build /layers/worker-service/dependencies/ ./
COPY --from=build /layers/worker-service/snapshot-dependencies/ ./
COPY --from=build /layers/worker-service/application/ ./
COPY worker-service/jvm.options deploy/train ./
USER root
RUN ./train worker . -XX:+UseSerialGC @jvm.options
USER 10001
EXPOSE 9081
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --retries=4 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9081/actuator/health/liveness"]
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=55", "-XX:+ExitOnOutOfMemoryError", "@jvm.options", "-XX:AOTCache=app.aot", "-jar", "app.jar"]
