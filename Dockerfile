# One build, one small image: the anteroom binary on a base without a shell or a package manager.
# Keys, config and the database come in as mounts; nothing secret is ever built in.

FROM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends cmake \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin anteroom \
    && install -D target/release/anteroom /image/usr/local/bin/anteroom \
    && install -d /image/var/lib/anteroom /image/etc/anteroom

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build --chown=nonroot:nonroot /image/var/lib/anteroom /var/lib/anteroom
COPY --from=build /image/etc/anteroom /etc/anteroom
COPY --from=build /image/usr/local/bin/anteroom /usr/local/bin/anteroom
# 65532 is `nonroot`; the number lets an orchestrator see that it is not root.
USER 65532:65532
WORKDIR /var/lib/anteroom
VOLUME ["/var/lib/anteroom"]
EXPOSE 8443
# No HEALTHCHECK: the image has no shell to run one, and every orchestrator asks over HTTP. See docs/guide/deploy.md.
ENTRYPOINT ["/usr/local/bin/anteroom"]
CMD ["serve", "--config", "/etc/anteroom/anteroom.toml"]
