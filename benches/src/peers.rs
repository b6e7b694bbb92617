//! What people run today, started beside us in the same run: nginx, nginx with auth_request,
//! HAProxy, HAProxy checking a JWT. All from Debian packages; a missing one is named and left out.
//! Also the upstream of everybody: an nginx that answers 100 bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;

/// A process that is stopped with the value.
pub struct Peer {
    pub name: &'static str,
    pub port: u16,
    pub child: Child,
    /// The `Cookie` field that passes its check.
    pub cookies: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        for pid in crate::machine::family(self.child.id()) {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
        let _ = self.child.wait();
    }
}

fn has(program: &str) -> bool {
    Command::new("which")
        .arg(program)
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

/// Waits until something listens.
pub fn wait_for(port: u16) {
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "nothing listens on {port}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn nginx(name: &'static str, dir: &Path, port: u16, servers: &str) -> Option<Peer> {
    if !has("nginx") {
        println!("{name}: left out, nginx is not installed");
        return None;
    }
    let home = dir.join(name.replace(' ', "-"));
    fs::create_dir_all(&home).unwrap();
    let file = home.join("nginx.conf");
    let text = format!(
        "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n\
         events {{ worker_connections 4096; }}\n\
         http {{ access_log off; client_body_temp_path {0}/b; proxy_temp_path {0}/p;\n\
         fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n\
         keepalive_requests 100000000; keepalive_timeout 600s;\n{servers}\n}}\n",
        home.display()
    );
    fs::write(&file, text).unwrap();
    let child = Command::new("nginx")
        .args(["-p", home.to_str().unwrap(), "-c", file.to_str().unwrap()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(port);
    Some(Peer {
        name,
        port,
        child,
        cookies: "SID=x".to_owned(),
    })
}

/// The app behind everybody: a page of 100 bytes, a login that any form passes, and a big download.
pub fn upstream(dir: &Path, port: u16) -> Option<Peer> {
    let body = "x".repeat(100);
    let form = r#"<form id="login" method="post" action="/login"><input name="username">"#;
    let form = format!("{form}<input name=\"password\" type=\"password\"></form>");
    let servers = format!(
        "server {{ listen 127.0.0.1:{port} reuseport; default_type text/html;\n\
         location / {{ return 200 '{body}'; }}\n\
         location = /login {{ if ($request_method = POST) {{ add_header Set-Cookie \
         'SID=0123456789abcdef0123456789abcdef; Path=/; HttpOnly'; return 302 /home; }}\n\
         return 200 '{form}'; }}\n\
         location /big/ {{ alias {}/; }} }}",
        dir.display()
    );
    nginx("upstream", dir, port, &servers)
}

/// nginx as a plain proxy.
pub fn nginx_proxy(dir: &Path, port: u16, upstream: u16) -> Option<Peer> {
    let servers = format!(
        "upstream app {{ server 127.0.0.1:{upstream}; keepalive 64; \
         keepalive_requests 100000000; }}\n\
         server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://app; \
         proxy_http_version 1.1; proxy_set_header Connection ''; }} }}"
    );
    nginx("nginx", dir, port, &servers)
}

/// nginx that asks a no-op service about every request.
pub fn nginx_auth(dir: &Path, port: u16, service: u16, upstream: u16) -> Option<Peer> {
    let servers = format!(
        "upstream app {{ server 127.0.0.1:{upstream}; keepalive 64; \
         keepalive_requests 100000000; }}\n\
         upstream auth {{ server 127.0.0.1:{service}; keepalive 64; \
         keepalive_requests 100000000; }}\n\
         server {{ listen 127.0.0.1:{service}; location / {{ return 204; }} }}\n\
         server {{ listen 127.0.0.1:{port};\n\
         location / {{ auth_request /auth; proxy_pass http://app; proxy_http_version 1.1; \
         proxy_set_header Connection ''; }}\n\
         location = /auth {{ internal; proxy_pass http://auth; proxy_http_version 1.1; \
         proxy_set_header Connection ''; proxy_pass_request_body off; \
         proxy_set_header Content-Length ''; }} }}"
    );
    nginx("nginx auth_request", dir, port, &servers)
}

fn haproxy(name: &'static str, dir: &Path, port: u16, rules: &str, upstream: u16) -> Option<Peer> {
    if !has("haproxy") {
        println!("{name}: left out, haproxy is not installed");
        return None;
    }
    let file: PathBuf = dir.join(format!("{}.cfg", name.replace(' ', "-")));
    let text = format!(
        "global\n  nbthread 1\n  maxconn 4096\ndefaults\n  mode http\n  timeout connect 5s\n  \
         timeout client 600s\n  timeout server 600s\n  http-reuse always\nfrontend f\n  \
         bind 127.0.0.1:{port}\n{rules}  default_backend b\nbackend b\n  \
         server s 127.0.0.1:{upstream}\n"
    );
    fs::write(&file, text).unwrap();
    let child = Command::new("haproxy")
        .args(["-f", file.to_str().unwrap(), "-db"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(port);
    Some(Peer {
        name,
        port,
        child,
        cookies: "SID=x".to_owned(),
    })
}

/// HAProxy as a plain proxy.
pub fn haproxy_plain(dir: &Path, port: u16, upstream: u16) -> Option<Peer> {
    haproxy("HAProxy", dir, port, "", upstream)
}

/// HAProxy that checks an HS256 token in a cookie.
pub fn haproxy_jwt(dir: &Path, port: u16, upstream: u16) -> Option<Peer> {
    let secret = "bench secret of thirty-two bytes";
    let rules = format!(
        "  http-request set-var(txn.t) req.cook(token)\n  http-request deny unless {{ \
         var(txn.t),jwt_verify(txn.a,\"{secret}\") -m int 1 }}\n"
    );
    let rules = format!("  http-request set-var(txn.a) str(HS256)\n{rules}");
    let mut peer = haproxy("HAProxy jwt_verify", dir, port, &rules, upstream)?;
    let head = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(
        r#"{{"sid":"{}","app":"bench","exp":1999999999}}"#,
        "a".repeat(43)
    );
    let text = format!("{head}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = BASE64URL_NOPAD.encode(hmac::sign(&key, text.as_bytes()).as_ref());
    peer.cookies = format!("SID=x; token={text}.{tag}");
    Some(peer)
}
