# The registry as an image: `docker build -t tidemark .`, then `docker run -p 8080:8080 -v tidemark:/data tidemark`.
# Decision 0045 says why it is made like this; npm run test:deploy builds and runs it.

# Builds. The tag is the Node that package.json pins.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src src
RUN npm run build \
  && npm prune --omit=dev \
  # The Node that the lock file pins is what runs; it needs nothing of the package around it.
  && cp node_modules/node/bin/node /build/node \
  && rm -rf node_modules/node node_modules/.bin node_modules/.package-lock.json \
  # What only compilers, debuggers and readers of sources open.
  && rm -rf dist/.tsbuildinfo node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && find node_modules/better-sqlite3/prebuilds -type f ! -name 'linux-*' -delete \
  && find dist node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
  && chmod +x dist/src/cli/main.js

# Runs.
FROM debian:bookworm-20260918-slim
LABEL org.opencontainers.image.title="Tidemark" \
  org.opencontainers.image.description="A container registry whose only source of truth is a log of events" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.base.name="docker.io/library/debian:bookworm-20260918-slim"
RUN echo 'tidemark:x:10001:' >> /etc/group \
  && echo 'tidemark:x:10001:10001:Tidemark:/data:/usr/sbin/nologin' >> /etc/passwd \
  && install -d -o 10001 -g 10001 -m 0700 /data \
  && ln -s /opt/tidemark/dist/src/cli/main.js /usr/local/bin/tidemark
COPY --from=build /build/node /usr/local/bin/node
COPY package.json CHANGELOG.md /opt/tidemark/
COPY --from=build /build/node_modules /opt/tidemark/node_modules
COPY --from=build /build/dist/src /opt/tidemark/dist/src
ENV NODE_ENV=production
# By number: who runs it can see that it is not root's.
USER 10001:10001
# From here ./config is /config and ./data is /data. No setting is in the environment, where it would outrank a file's.
WORKDIR /
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["tidemark", "health"]
ENTRYPOINT ["tidemark"]
CMD ["serve"]
