//! Each framework's routes, each client's requests.

use super::*;
use crate::{SourceFile, Sources};

/// `> GET /orders by A.m at 3`; `<` for what is called.
fn told(path: &str, text: &str) -> Vec<String> {
    let files = vec![SourceFile { path: path.into(), text: text.into() }];
    let sources = Sources::of_files("s", files);
    let show = |r: &Route| {
        let side = if r.role == RouteRole::Serves { '>' } else { '<' };
        format!("{side} {} {} by {} at {}", r.verb, r.route, r.symbol, r.line)
    };
    sources.routes().iter().map(show).collect()
}

#[test]
fn annotated_routes() {
    let java = "@RestController\n@RequestMapping(\"/orders\")\nclass A {\n  @PostMapping(\"/{id}/pay\")\n  void pay() {}\n  @GetMapping\n  void all() {}\n}\n";
    assert_eq!(
        told("A.java", java),
        ["> POST /orders/{id}/pay by A.pay at 4", "> GET /orders by A.all at 6"]
    );
    let feign = "@FeignClient(name = \"stock\")\ninterface Stock {\n  @GetMapping(\"/stock/{sku}\")\n  Stock of(String sku);\n}\n";
    assert_eq!(told("Stock.java", feign), ["< GET /stock/{sku} by Stock.of at 3"]);
    let rest =
        "@Path(\"orders\")\nclass A {\n  @GET\n  @Path(\"{id}\")\n  public Order one() { return null; }\n}\n";
    assert_eq!(told("A.java", rest), ["> GET /orders/{id} by A.one at 3"]);
    let cs = "[Route(\"api/[controller]\")]\npublic class OrdersController {\n  [HttpGet(\"{id}\")]\n  public Order One(int id) => null;\n}\n";
    assert_eq!(told("A.cs", cs), ["> GET /api/orders/{id} by OrdersController.One at 3"]);
    let nest = "import { Controller, Get } from '@nestjs/common';\n@Controller('orders')\nexport class A {\n  @Get(':id')\n  one() {}\n}\n";
    assert_eq!(told("a.ts", nest), ["> GET /orders/:id by A.one at 4"]);
    let python = "from fastapi import FastAPI\n@app.post(\"/orders/{id}/pay\")\nasync def pay(id): pass\n";
    assert_eq!(told("a.py", python), ["> POST /orders/{id}/pay by pay at 2"]);
    let flask = "from flask import Flask\n@app.route('/orders', methods=['POST'])\ndef add(): pass\n";
    assert_eq!(told("a.py", flask), ["> POST /orders by add at 2"]);
}

#[test]
fn registered_routes() {
    let js = "const app = express();\nfunction pay(req, res) {}\napp.post('/orders/:id/pay', auth, pay);\n";
    assert_eq!(told("a.js", js), ["> POST /orders/:id/pay by pay at 3"]);
    let go = "package a\nfunc routes() {\n\tmux.HandleFunc(\"POST /orders\", s.add)\n\tr.Get(\"/orders/{id}\", one)\n}\nfunc one() {}\n";
    assert_eq!(told("a.go", go), ["> POST /orders by routes at 3", "> GET /orders/{id} by one at 4"]);
    let rails =
        "Rails.application.routes.draw do\n  post '/orders', to: 'orders#create'\n  resources :picks\nend\n";
    assert_eq!(told("config/routes.rb", rails), ["> POST /orders by  at 2", ">  /picks by  at 3"]);
    let laravel = "<?php\nRoute::post('/orders', [OrderController::class, 'store']);\n";
    assert_eq!(told("routes/api.php", laravel), ["> POST /orders by  at 2"]);
}

#[test]
fn requests() {
    let js = "async function run() {\n  await fetch(`${base}/orders/${id}`, { method: 'PUT' });\n  await axios.get('http://stock:8080/stock?x=1');\n}\n";
    assert_eq!(
        told("a.js", js),
        ["< PUT */orders/* by run at 2", "< GET /stock by run at 3"]
            .map(|s| s.replace("*/orders/*", "/orders/*"))
    );
    let python = "import requests\ndef run():\n    requests.post(f\"{BASE}/orders\", json={})\n";
    assert_eq!(told("a.py", python), ["< POST /orders by run at 3"]);
    let go = "package a\nfunc run() {\n\treq, _ := http.NewRequestWithContext(ctx, http.MethodPost, base+\"/orders\", body)\n}\n";
    assert_eq!(told("a.go", go), ["< POST /orders by run at 3"]);
    let php = "<?php\nclass A { function run() { Http::post('http://stock/orders', []); } }\n";
    assert_eq!(told("a.php", php), ["< POST /orders by A.run at 2"]);
}
