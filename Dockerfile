# One image for each service: docker build --build-arg SERVICE=rental-service .
# (or book-service, member-service, bestbook-service)

FROM node:24.21.0-bookworm-slim AS manifests
WORKDIR /library
COPY package.json package-lock.json .npmrc ./
# npm looks at every workspace that the lock file knows, also at those that no service needs.
COPY shared-kernel/package.json shared-kernel/
COPY rental-service/package.json rental-service/
COPY book-service/package.json book-service/
COPY member-service/package.json member-service/
COPY bestbook-service/package.json bestbook-service/
COPY standalone/package.json standalone/
COPY infra/package.json infra/
COPY system-tests/package.json system-tests/

# The same for all services, so it is built once.
FROM manifests AS build
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY shared-kernel shared-kernel
COPY rental-service rental-service
COPY book-service book-service
COPY member-service member-service
COPY bestbook-service bestbook-service
RUN ["node_modules/.bin/tsc", "-b", "rental-service", "book-service", "member-service", "bestbook-service"]

FROM manifests AS dependencies
ARG SERVICE
RUN npm ci --ignore-scripts --omit=dev --workspace="@library/${SERVICE:?say which, with --build-arg SERVICE=rental-service}"

FROM node:24.21.0-bookworm-slim
ARG SERVICE
# HTTP_HOST: a container's own 127.0.0.1 is out of everybody's reach; who may reach it is said where its port is published.
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 HTTP_PORT=8080
WORKDIR /library
COPY --from=dependencies /library/node_modules node_modules
COPY --from=build /library/shared-kernel/package.json shared-kernel/
COPY --from=build /library/shared-kernel/dist shared-kernel/dist
COPY --from=build /library/${SERVICE}/package.json service/
COPY --from=build /library/${SERVICE}/dist service/dist
WORKDIR /library/service
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.HTTP_PORT + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
