//! The only file that knows the driver: sends a request, waits where the server asks for it, gives up when the person
//! does, and says what went wrong without ever showing the key.

use crate::conversation::Draft;
use crate::dialects::trouble;
use crate::stream::Stream;
use crate::{Fault, Model};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, redirect};
use serde_json::Value;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use waylaid_report::clean;
use waylaid_store::Context;

/// How often it is looked whether the person still waits.
const TICK: Duration = Duration::from_millis(40);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a model may be silent: one on somebody's own machine reads slowly.
const SILENCE: Duration = Duration::from_mins(5);
/// Longest reply in bytes.
const LONGEST: usize = 16 << 20;
/// How often a server that is too busy is asked in all, and the first pause.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_secs(1);
/// Longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How much of a server's own words is told.
const TOLD: usize = 300;

/// A connection to a model.
pub struct Client<'m> {
    model: &'m Model,
    http: reqwest::Client,
    runtime: Runtime,
}

impl<'m> Client<'m> {
    /// Prepares the connection; reaches out to nobody.
    pub fn new(model: &'m Model) -> Result<Self, Fault> {
        let broken = |why: String| Fault::Unreachable { place: model.place(), why };
        // A redirect would take the key and the question elsewhere.
        let builder = reqwest::Client::builder().connect_timeout(CONNECT).redirect(redirect::Policy::none());
        let http = builder.build().map_err(|e| broken(chain(&e)))?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|e| broken(e.to_string()))?;
        Ok(Self { model, http, runtime })
    }

    /// Sends a request and takes the reply in. `says` hears text as it comes, `waits` why and how long there is a pause.
    pub fn ask(
        &self,
        body: &Value,
        context: &Context,
        says: &mut dyn FnMut(&str),
        waits: &mut dyn FnMut(Duration, &str),
    ) -> Result<Draft, Fault> {
        self.runtime.block_on(async {
            let mut tries = 1;
            loop {
                let response = self.send(body, context).await?;
                if response.status().is_success() {
                    return self.reply(response, context, says).await;
                }
                let status = response.status().as_u16();
                let asked = pause_of(&response);
                let fault = Fault::Refused {
                    place: self.model.place(),
                    status,
                    said: self.said(response, context).await?,
                };
                if !matches!(status, 429 | 500 | 502 | 503 | 504 | 529) || tries >= TRIES {
                    return Err(fault);
                }
                let pause = asked.unwrap_or(PAUSE * 2u32.pow(tries - 1)).min(LONGEST_PAUSE);
                waits(pause, &fault.to_string());
                self.while_awaited(context, tokio::time::sleep(pause)).await?;
                tries += 1;
            }
        })
    }

    async fn send(&self, body: &Value, context: &Context) -> Result<Response, Fault> {
        let mut request = self.http.post(self.model.url.clone()).header(CONTENT_TYPE, "application/json");
        for (name, value) in self.model.dialect.headers(self.model.key.as_deref()) {
            request = request.header(name, value);
        }
        let sent = self.while_awaited(context, request.body(body.to_string()).send()).await?;
        sent.map_err(|e| self.unreachable(&chain(&e)))
    }

    async fn reply(
        &self,
        mut response: Response,
        context: &Context,
        says: &mut dyn FnMut(&str),
    ) -> Result<Draft, Fault> {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (mut stream, mut draft, mut length) = (Stream::new(kind), Draft::default(), 0);
        loop {
            let chunk = self.while_awaited(context, response.chunk()).await?;
            let chunk = chunk.map_err(|e| self.unreachable(&chain(&e)))?;
            length += chunk.as_deref().unwrap_or_default().len();
            if length > LONGEST {
                return Err(self.senseless(&format!("it is longer than {} MiB", LONGEST >> 20)));
            }
            let events = match &chunk {
                Some(bytes) => stream.feed(bytes),
                None => stream.end(),
            };
            for event in events.map_err(|why| self.senseless(&why))? {
                let read = self.model.dialect.read(&mut draft, &event);
                read.map_err(|said| self.senseless(&format!("it says `{said}` in the middle")))?;
            }
            let fresh = draft.fresh();
            if !fresh.is_empty() {
                says(&fresh);
            }
            if chunk.is_none() {
                return if draft.is_whole { Ok(draft) } else { Err(self.senseless("it ends in the middle")) };
            }
        }
    }

    /// What a server says with a status that is none of success.
    async fn said(&self, mut response: Response, context: &Context) -> Result<String, Fault> {
        let mut body = Vec::new();
        while body.len() < 64 * 1024 {
            match self.while_awaited(context, response.chunk()).await? {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                _ => break,
            }
        }
        let said = serde_json::from_slice(&body).ok().and_then(|body| trouble(&body));
        Ok(said.map_or_else(|| "no words".to_owned(), |said| self.cleaned(&said)))
    }

    /// Waits as long as the person does, and as a model may be silent.
    async fn while_awaited<F: Future>(&self, context: &Context, work: F) -> Result<F::Output, Fault> {
        let mut work = std::pin::pin!(work);
        let end = tokio::time::Instant::now() + SILENCE;
        loop {
            if context.is_cancelled() {
                return Err(Fault::Cancelled);
            }
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(TICK) => {}
            }
            if tokio::time::Instant::now() >= end {
                return Err(
                    self.unreachable(&format!("it was silent for {} minutes", SILENCE.as_secs() / 60))
                );
            }
        }
    }

    fn unreachable(&self, why: &str) -> Fault {
        Fault::Unreachable { place: self.model.place(), why: self.cleaned(why) }
    }

    fn senseless(&self, why: &str) -> Fault {
        Fault::Senseless { place: self.model.place(), why: self.cleaned(why) }
    }

    /// Words of others: one short line, without the key.
    fn cleaned(&self, text: &str) -> String {
        let key = self.model.key.as_deref().filter(|key| key.len() > 3);
        let text = key.map_or_else(|| text.to_owned(), |key| text.replace(key, "***"));
        clean::short(&text, TOLD)
    }
}

/// How long the server wants to be left alone.
fn pause_of(response: &Response) -> Option<Duration> {
    let seconds: f64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// An error with all that lies below it, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        below = error.source();
    }
    text
}
