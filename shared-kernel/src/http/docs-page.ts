/**
 * The page at /docs: it draws `/openapi.json`, and sends requests for whoever reads it. Its script and style are files of
 * their own, so that the page's policy can forbid everything inline; and it puts text into the page only as text.
 */
export const DOCS_PAGE = {
  html: String.raw`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/page.css">
    <script src="/docs/page.js" defer></script>
  </head>
  <body>
    <noscript>This page draws <a href="/openapi.json">openapi.json</a> with a script. The document itself needs none.</noscript>
    <main id="page" aria-busy="true">Loading …</main>
  </body>
</html>
`,

  css: String.raw`:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { margin-bottom: 0; } h1 small { font-weight: normal; opacity: .7; font-size: 1rem; }
h2 { margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
a { color: var(--accent); }
code, pre, textarea, input { font: .875rem/1.45 ui-monospace, monospace; }
pre { overflow: auto; margin: .25rem 0; padding: .75rem; background: var(--soft); border-radius: .4rem; }
details.operation { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
details.operation > summary { padding: .5rem .75rem; cursor: pointer; }
details.operation > div { padding: 0 .75rem .75rem; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
.GET { color: #15803d; } .POST { color: #b45309; } .PUT, .PATCH { color: #7c3aed; } .DELETE { color: #dc2626; }
.summary { opacity: .75; margin-left: .75rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
input, textarea { width: 100%; padding: .4rem; border: 1px solid var(--line); border-radius: .3rem; background: transparent; color: inherit; }
textarea { min-height: 9rem; }
label { display: block; margin: .5rem 0; }
button { padding: .4rem 1.25rem; border: 0; border-radius: .3rem; background: var(--accent); color: #fff; cursor: pointer; }
#filter { margin-top: 1rem; }
`,

  js: String.raw`'use strict';

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

let schemas = {};

function resolved(schema) {
  const name = schema?.$ref?.split('/').pop();
  return name ? (schemas[name] ?? {}) : (schema ?? {});
}

/** A schema as one would jot it down. */
function shapeOf(schema, indent = '', depth = 0) {
  const meant = resolved(schema);
  if (depth > 8) return '…';
  if ('const' in meant) return JSON.stringify(meant.const);
  if (meant.enum) return meant.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = meant.anyOf ?? meant.oneOf;
  if (choices) return choices.map((choice) => shapeOf(choice, indent, depth + 1)).join(' | ');
  if (meant.type === 'array') return shapeOf(meant.items, indent, depth + 1) + '[]';
  if (!meant.properties) {
    const limits = ['minLength', 'maxLength', 'minimum', 'exclusiveMinimum', 'maximum', 'format', 'pattern']
      .filter((keyword) => keyword in meant && Math.abs(meant[keyword]) !== Number.MAX_SAFE_INTEGER)
      .filter((keyword) => keyword !== 'pattern' || !meant.format)
      .map((keyword) => keyword + ' ' + meant[keyword]);
    return (meant.type ?? 'anything') + (limits.length > 0 ? ' (' + limits.join(', ') + ')' : '');
  }
  const inner = indent + '  ';
  const lines = Object.entries(meant.properties).map(([name, property]) => {
    const optional = meant.required?.includes(name) ? '' : '?';
    const description = resolved(property).description;
    return inner + name + optional + ': ' + shapeOf(property, inner, depth + 1) + (description ? '  // ' + description : '');
  });
  return '{\n' + lines.join('\n') + '\n' + indent + '}';
}

/** A value that the schema might take. */
function sampleOf(schema, depth = 0) {
  const meant = resolved(schema);
  if (meant.examples?.length > 0) return meant.examples[0];
  if ('default' in meant) return meant.default;
  if ('const' in meant) return meant.const;
  if (meant.enum) return meant.enum[0];
  const choices = meant.anyOf ?? meant.oneOf;
  if (choices) return sampleOf(choices[0], depth + 1);
  if (meant.type === 'array') return depth > 6 ? [] : [sampleOf(meant.items, depth + 1)];
  if (meant.properties) {
    const wanted = Object.entries(meant.properties).filter(([name]) => meant.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, property]) => [name, sampleOf(property, depth + 1)]));
  }
  if (meant.type === 'integer' || meant.type === 'number') return Math.max(meant.minimum ?? 1, 1);
  if (meant.type === 'boolean') return true;
  return meant.type === 'string' ? 'text' : {};
}

function drawParameters(parameters) {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, in: where, required, description, schema }) =>
    make('tr', {},
      make('td', {}, make('code', {}, name)),
      make('td', {}, where + (required ? '' : ', optional')),
      make('td', {}, make('code', {}, shapeOf(schema))),
      make('td', {}, description ?? '')));
  return [make('h3', {}, 'Parameters'), make('table', {}, ...rows)];
}

function drawAnswers(responses) {
  const rows = Object.entries(responses).map(([status, { description, content }]) => {
    const [[type, media] = []] = Object.entries(content ?? {});
    const examples = Object.values(media?.examples ?? {}).map(({ value }) => value);
    const shown = type === 'application/problem+json'
      ? examples.map((value) => make('div', {}, make('code', {}, value.code), ' ', value.detail))
      : media ? [make('span', {}, type), make('pre', {}, shapeOf(media.schema))] : [];
    return make('tr', {},
      make('td', {}, make('code', {}, status)),
      make('td', {}, ...(type === 'application/problem+json' ? [] : [make('div', {}, description)]), ...shown));
  });
  return [make('h3', {}, 'Answers'), make('table', {}, ...rows)];
}

async function send(method, path, values, body) {
  let url = path;
  const query = new URLSearchParams();
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  for (const [parameter, value] of values) {
    if (value === '') continue;
    if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', encodeURIComponent(value));
    if (parameter.in === 'query') query.set(parameter.name, value);
    if (parameter.in === 'header') headers[parameter.name] = value;
  }
  if (query.size > 0) url += '?' + query;

  const response = await fetch(url, { method, headers, body });
  const lines = [response.status + ' ' + response.statusText];
  for (const name of ['location', 'preference-applied', 'retry-after', 'x-correlation-id']) {
    if (response.headers.has(name)) lines.push(name + ': ' + response.headers.get(name));
  }
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  return lines.join('\n') + '\n\n' + (type.includes('json') ? JSON.stringify(JSON.parse(text), null, 2) : text);
}

function drawForm(method, path, parameters, requestBody) {
  const fields = parameters.map((parameter) => {
    const value = parameter.in === 'path' ? String(sampleOf(parameter.schema)) : '';
    return [parameter, make('input', { value, ...(parameter.in === 'path' ? { required: '' } : {}) })];
  });
  const body = requestBody && make('textarea', { spellcheck: 'false' });
  if (body) body.value = JSON.stringify(sampleOf(requestBody.content['application/json'].schema), null, 2);
  const answer = make('pre', { hidden: '', role: 'status' });
  const form = make('form', {},
    ...fields.map(([{ name, in: where }, input]) => make('label', {}, name + ' (' + where + ')', input)),
    body && make('label', {}, 'body', body),
    make('button', {}, 'Send'),
    answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.hidden = false;
    answer.textContent = '…';
    try {
      answer.textContent = await send(method, path, fields.map(([parameter, input]) => [parameter, input.value]), body?.value);
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  return [make('h3', {}, 'Try it'), form];
}

function drawOperation(path, method, operation) {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const isStream = Object.values(responses).some(({ content }) => content?.['text/event-stream']);
  const content = make('div', {});
  const details = make('details', { class: 'operation', id: operation.operationId },
    make('summary', {},
      make('span', { class: 'method ' + method }, method), make('code', {}, path), make('span', { class: 'summary' }, summary)),
    content);
  details.addEventListener('toggle', () => {
    if (!details.open || content.childElementCount > 0) return;
    content.append(
      ...(description ? [make('p', {}, description)] : []),
      ...drawParameters(parameters),
      ...(requestBody ? [make('h3', {}, 'Body'), make('pre', {}, shapeOf(requestBody.content['application/json'].schema))] : []),
      ...drawAnswers(responses),
      ...(isStream ? [] : drawForm(method, path, parameters, requestBody)));
  });
  return details;
}

function draw(document_) {
  schemas = document_.components?.schemas ?? {};
  const { title, version, description } = document_.info;
  const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [operation.tags[0], drawOperation(path, method.toUpperCase(), operation)]));
  const filter = make('input', { id: 'filter', type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the calls' });
  filter.addEventListener('input', () => {
    for (const [, element] of operations) {
      element.hidden = !element.firstChild.textContent.toLowerCase().includes(filter.value.toLowerCase());
    }
  });

  document.title = title;
  const page = document.getElementById('page');
  page.removeAttribute('aria-busy');
  page.replaceChildren(
    make('h1', {}, title, ' ', make('small', {}, version)),
    make('p', {}, description ?? ''),
    make('p', {}, make('a', { href: '/openapi.json' }, 'openapi.json')),
    filter,
    ...document_.tags.flatMap(({ name }) => [
      make('h2', {}, name), ...operations.filter(([tag]) => tag === name).map(([, element]) => element)]));
}

fetch('/openapi.json')
  .then((response) => response.json())
  .then(draw)
  .catch((error) => { document.getElementById('page').textContent = 'openapi.json could not be read: ' + error; });
`,
} as const;
