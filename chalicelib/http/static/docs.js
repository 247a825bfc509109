"use strict";

// Everything is found from this page's own address, so that it works under any base path.
const base = new URL(".", window.location.href);
const root = document.getElementById("swagger-ui");

function failed(reason) {
  root.className = "failed";
  root.textContent = `The API document could not be loaded (${reason}). Reload the page to try again.`;
}

async function load() {
  const answer = await fetch(new URL("openapi.json", base));
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const spec = await answer.json();
  spec.servers = [{ url: base.pathname.replace(/\/$/, "") || "/" }];
  SwaggerUIBundle({
    spec,
    domNode: root,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

load().catch((error) => failed(error.message));
