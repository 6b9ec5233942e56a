//! Serves the page of `examples/wasm`, and answers it as DeepSeek's API does under load.
//!
//! ```text
//! cargo run -p llm-response-chat --example page -- MODULE.wasm
//! ```
//!
//! It prints the address of the page and serves until its standard input ends.

#[path = "server/mod.rs"]
mod server;

use std::io::Read;
use std::path::PathBuf;
use std::{fs, io};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use clap::Parser;
use server::{Pace, Server};

#[derive(Parser)]
struct Args {
    /// The module, which `.ci/wasm` builds
    module: PathBuf,
    /// Without pauses
    #[arg(long)]
    hurried: bool,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let pace = if args.hurried { Pace::HURRIED } else { Pace::LIVE };
    let module = Bytes::from(fs::read(args.module)?);
    let server = Server::start_beside(pages(module), pace)?;
    println!("{}", server.url("/"));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn pages(module: Bytes) -> Router {
    Router::new()
        .route("/", get(file("text/html", include_str!("../wasm/page/index.html"))))
        .route(
            "/page.js",
            get(file("text/javascript", include_str!("../wasm/page/page.js"))),
        )
        .route("/module.wasm", get(file("application/wasm", module)))
}

fn file(content_type: &'static str, bytes: impl IntoResponse + Clone) -> impl IntoResponse + Clone {
    ([(CONTENT_TYPE, content_type)], bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_what_it_asks_for_are_there() {
        let module = Bytes::from_static(b"\0asm");
        let server = Server::start_beside(pages(module), Pace::HURRIED).unwrap();
        for (path, content_type) in [
            ("/", "text/html"),
            ("/page.js", "text/javascript"),
            ("/module.wasm", "application/wasm"),
        ] {
            let response = ureq::get(server.url(path)).call().unwrap();
            assert_eq!(response.headers()["content-type"], content_type, "{path}");
        }
        let asked = ureq::post(server.url("/chat/completions"))
            .send(r#"{"stream":true}"#)
            .unwrap();
        assert_eq!(asked.headers()["content-type"], "text/event-stream; charset=utf-8");
    }
}
