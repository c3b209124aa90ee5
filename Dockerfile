# Sluice's API and worker. The image holds no Redis: set REDIS_URL. Outside this container the API is only
# reached with HOST=0.0.0.0, which needs SLUICE_MASTER_KEY. A configuration goes to /app/sluice.yaml.
FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production PORT=4000 SLUICE_ARCHIVE_DIR=/app/archive SLUICE_FILES_DIR=/app/files NODE_COMPILE_CACHE=/app/.compiled

# The packages by themselves: they change less often than the sources, and stay cached until they do.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

COPY LICENSE ./
COPY src ./src

# A volume that is mounted here for the first time takes over its owner.
RUN install --directory --owner=node --group=node --mode=700 /app/archive /app/files /app/.compiled

USER node
# Compiles the sources once, for every start to come; decision 9.
RUN ["node", "src/main.ts", "--help"]
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The flag bounds what garbage in passing may hold; decision 9.
CMD ["node", "--max-semi-space-size=16", "src/main.ts"]
