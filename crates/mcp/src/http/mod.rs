//! The server over streamable HTTP: on this machine only unless a token is asked for, and within limits of size, rate and
//! number.

mod rate;

use crate::{Backend, Fault, Server};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rate::Rate;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The one place that answers.
const PATH: &str = "/mcp";
/// Longest request in bytes.
const BODY: usize = 1 << 20;
/// Connections at the same time.
const CONNECTIONS: usize = 64;
/// A client that does not finish its headers is let go.
const HEADERS: Duration = Duration::from_secs(10);

/// Where and for whom.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// What a client must show; needed beyond this machine.
    pub token: Option<String>,
    /// Names under which clients may come, beside those of this machine.
    pub hosts: Vec<String>,
    /// Pages of a browser that may ask, such as `https://tool.example:443`.
    pub origins: Vec<String>,
}

type Protocol = StreamableHttpService<Server, NeverSessionManager>;
type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

struct Door {
    protocol: Protocol,
    token: Option<String>,
    rate: Rate,
}

/// Serves until the process ends; `ready` hears where.
pub fn http(backend: Arc<dyn Backend>, http: Http, ready: impl FnOnce(SocketAddr)) -> Result<(), Fault> {
    if !http.address.ip().is_loopback() && http.token.is_none() {
        return Err("beyond this machine every client must show a token: set WAYLAID_MCP_TOKEN".into());
    }
    if http.token.as_ref().is_some_and(|t| t.len() < 16) {
        return Err("the token in WAYLAID_MCP_TOKEN is shorter than 16 characters".into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(http.address).await?;
        let address = listener.local_addr()?;
        ready(address);
        accept(listener, Arc::new(door(backend, http, address))).await;
        Ok(())
    })
}

fn door(backend: Arc<dyn Backend>, http: Http, address: SocketAddr) -> Door {
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    hosts.push(address.ip().to_string());
    hosts.extend(http.hosts);
    let own = ["localhost", "127.0.0.1", "[::1]"].map(|h| format!("http://{h}:{}", address.port()));
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY)
        .with_allowed_hosts(hosts)
        .with_allowed_origins(own.into_iter().chain(http.origins))
        .enforce_origin_validation();
    let server = Server::new(backend);
    let protocol = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Door { protocol, token: http.token, rate: Rate::default() }
}

async fn accept(listener: TcpListener, door: Arc<Door>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let door = Arc::clone(&door);
                tokio::spawn(async move {
                    serve(stream, door).await;
                    drop(place);
                });
            }
            // Out of file handles, or a client that went away at once: others may fare better in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: TcpStream, door: Arc<Door>) {
    let answer = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.answer(request).await) }
    });
    let mut connection = hyper::server::conn::http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    // How a connection ends is the client's affair.
    let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
}

impl Door {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if request.uri().path() != PATH {
            return refuse(StatusCode::NOT_FOUND, "the server is at /mcp");
        }
        if !self.knows(request.headers().get(AUTHORIZATION)) {
            let mut answer = refuse(StatusCode::UNAUTHORIZED, "a bearer token is needed");
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return answer;
        }
        if !self.rate.allows() {
            let mut answer = refuse(StatusCode::TOO_MANY_REQUESTS, "too many requests; wait a second");
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            return answer;
        }
        self.protocol.handle(request).await.map(BodyExt::boxed_unsync)
    }

    /// Whether a client shows the token, compared in a time that does not tell how much of it was right.
    fn knows(&self, shown: Option<&HeaderValue>) -> bool {
        let Some(token) = &self.token else { return true };
        let shown = shown.map(HeaderValue::as_bytes).unwrap_or_default();
        let Some((scheme, shown)) = shown.split_at_checked(7) else { return false };
        let differing = token.bytes().zip(shown).fold(0, |differing, (a, b)| differing | (a ^ b));
        scheme.eq_ignore_ascii_case(b"Bearer ") && token.len() == shown.len() && differing == 0
    }
}

fn refuse(status: StatusCode, why: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(why.as_bytes())).boxed_unsync());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    answer
}
