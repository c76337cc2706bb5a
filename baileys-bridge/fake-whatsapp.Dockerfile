# The fake WhatsApp server, for trying the product out without a phone. It is never part of a real deployment.
ARG NODE_IMAGE=node:22-bookworm-slim
FROM ${NODE_IMAGE}
ENV FAKE_WHATSAPP_HOST=0.0.0.0
WORKDIR /bridge
# A mirror of npm's registry, for networks that cannot reach the registry itself; npm ignores an empty value.
ARG NPM_CONFIG_REGISTRY=
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY lookups ./lookups
COPY fake-whatsapp ./fake-whatsapp
RUN npx tsc -p tsconfig.json
# A volume that is mounted here inherits this owner.
RUN mkdir /state && chown node:node /state
USER node
EXPOSE 3002
HEALTHCHECK --interval=5s --timeout=10s --start-period=30s --retries=10 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3002/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/fake-whatsapp/main.js"]
