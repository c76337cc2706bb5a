# The fake WhatsApp server, for trying the product out without a phone. Never part of a real deployment.
FROM node:22-bookworm-slim
ENV FAKE_WHATSAPP_HOST=0.0.0.0
WORKDIR /bridge
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY fake-whatsapp ./fake-whatsapp
RUN npx tsc -p tsconfig.json
USER node
EXPOSE 3002
CMD ["node", "dist/fake-whatsapp/main.js"]
