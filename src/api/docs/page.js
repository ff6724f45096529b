// The reference page: reads /openapi.json and shows it, with a way to try each endpoint. Text only ever becomes text nodes, never markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const MAX_DEPTH = 6
const state = { key: '' }

const [reference, errors] = await Promise.all(
  ['/openapi.json', '/docs/errors.json'].map(async (path) => (await fetch(path)).json()),
)
const operations = Object.entries(reference.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({ path, method: method.toUpperCase(), ...item[method] })),
)
const main = document.querySelector('main')
main.replaceChildren(intro(), keyField(), ...reference.tags.map(group), errorTable())
listOperations('')
document.querySelector('#filter').addEventListener('input', (event) => listOperations(event.target.value))
// The browser looked for the fragment before there was anything to find.
if (location.hash) document.querySelector(`[id="${CSS.escape(decodeURIComponent(location.hash.slice(1)))}"]`)?.scrollIntoView()

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value)
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value)
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return made
}

function listOperations(filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = ({ path, method, summary, tags }) =>
    words.every((word) => `${method} ${path} ${summary} ${tags}`.toLowerCase().includes(word))
  const groups = reference.tags.map(({ name }) => [name, operations.filter((each) => each.tags[0] === name && matches(each))])
  const shown = groups.filter(([, found]) => found.length > 0)
  document.querySelector('#index').replaceChildren(
    ...shown.flatMap(([name, found]) => [
      element('h2', {}, name),
      element(
        'ul',
        {},
        found.map(({ operationId, method, path }) =>
          element(
            'li',
            {},
            element('a', { href: `#${operationId}` }, methodLabel(method), element('span', {}, path.replace('/v1', ''))),
          ),
        ),
      ),
    ]),
    ...(shown.length === 0 ? [element('p', { class: 'muted' }, 'Nothing is called that.')] : []),
  )
}

/** Descriptions write code between backticks. */
function prose(text) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? element('code', {}, part) : part))
}

function methodLabel(method) {
  return element('span', { class: `method ${method}` }, method)
}

function intro() {
  return element('p', {}, prose(reference.info.description))
}

function keyField() {
  const input = element('input', {
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'wb_…',
    oninput: (event) => {
      state.key = event.target.value.trim()
    },
  })
  return element(
    'div',
    { class: 'key' },
    element('label', {}, 'API key for trying things here', input),
    element(
      'p',
      {},
      'It stays in this page and is forgotten with it. Without one, your sign-in of this browser is used. What you try here is real: it sends, changes and removes.',
    ),
  )
}

function group({ name }) {
  return element(
    'section',
    { class: 'group' },
    element('h2', {}, name),
    operations.filter((each) => each.tags[0] === name).map(article),
  )
}

function article(operation) {
  const { operationId, method, path, summary, description } = operation
  const permission = operation['x-permission']
  const access =
    operation.security.length === 0
      ? 'Needs no sign-in.'
      : permission
        ? `Needs the permission ${permission}.`
        : 'Needs a sign-in or a key.'
  return element(
    'article',
    { id: operationId, 'aria-labelledby': `${operationId}-title` },
    element('h3', { id: `${operationId}-title` }, methodLabel(method), path),
    element('p', { class: 'summary' }, prose(summary)),
    description ? element('p', {}, prose(description)) : null,
    element('p', { class: 'muted' }, access),
    parameters(operation),
    body(operation),
    answer(operation),
    refusals(operation),
    curl(operation),
    tryIt(operation),
  )
}

function parameters({ parameters: list = [] }) {
  if (list.length === 0) return null
  return [
    element('h4', {}, 'Parameters'),
    element(
      'ul',
      { class: 'fields' },
      list.map(({ name, in: place, required, description, schema }) =>
        element(
          'li',
          {},
          element('code', {}, name),
          ' ',
          element('span', { class: 'type' }, `${typeOf(schema)}, in the ${place}`),
          required ? element('span', { class: 'required' }, ' required') : null,
          description ? element('div', {}, prose(description)) : null,
        ),
      ),
    ),
  ]
}

function body({ requestBody }) {
  const content = requestBody?.content['application/json']
  if (!content) return null
  return [element('h4', {}, 'Body'), fields(content.schema, 0), example(content.example)]
}

function answer({ responses }) {
  const [status, response] = Object.entries(responses).find(([code]) => code.startsWith('2'))
  const [type, content] = Object.entries(response.content ?? {})[0] ?? []
  return [
    element('h4', {}, `Answer ${status}`),
    element(
      'p',
      { class: 'muted' },
      type && type !== 'application/json' ? `${response.description} Type: ${type}.` : response.description,
    ),
    content && type === 'application/json'
      ? element('details', {}, element('summary', {}, 'Fields'), fields(content.schema, 0))
      : null,
    content?.example === undefined ? null : example(content.example),
  ]
}

function refusals({ responses }) {
  const codes = Object.entries(responses)
    .filter(([status]) => !status.startsWith('2'))
    .flatMap(([status, { description }]) => [...description.matchAll(/`(\w+)`/g)].map((match) => [status, match[1]]))
  return element(
    'details',
    {},
    element('summary', {}, 'Refusals'),
    element(
      'ul',
      { class: 'errors' },
      codes.map(([status, code]) => element('li', {}, `${status} `, element('a', { href: `#error-${code}` }, code))),
    ),
  )
}

function example(value) {
  return value === undefined
    ? null
    : element('details', {}, element('summary', {}, 'Example'), copyable(JSON.stringify(value, null, 2)))
}

function resolve(schema) {
  return schema?.$ref ? resolve(reference.components.schemas[schema.$ref.split('/').at(-1)]) : schema
}

function fields(given, depth) {
  const schema = resolve(given)
  if (!schema || depth > MAX_DEPTH) return null
  const variants = (schema.anyOf ?? schema.oneOf ?? []).map(resolve).filter((each) => each?.properties || each?.items)
  if (variants.length > 0) return variants.map((each) => fields(each, depth))
  if (schema.items) return fields(schema.items, depth)
  if (!schema.properties) return null
  const required = new Set(schema.required ?? [])
  return element(
    'ul',
    { class: 'fields' },
    Object.entries(schema.properties).map(([name, property]) => {
      const inner = fields(property, depth + 1)
      const head = [
        element('code', {}, name),
        ' ',
        element('span', { class: 'type' }, typeOf(property)),
        required.has(name) ? element('span', { class: 'required' }, ' required') : null,
        (property.description ?? resolve(property)?.description)
          ? element('div', {}, prose(property.description ?? resolve(property).description))
          : null,
      ]
      return element(
        'li',
        {},
        head,
        inner && depth > 0 ? element('details', {}, element('summary', {}, `Fields of ${name}`), inner) : inner,
      )
    }),
  )
}

function typeOf(given) {
  const schema = resolve(given) ?? {}
  const variants = schema.anyOf ?? schema.oneOf
  if (variants) return [...new Set(variants.map(typeOf))].join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  const [min, max] = [schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength]
  const limits = min === undefined && max === undefined ? '' : max === undefined ? `, at least ${min}` : `, ${min ?? 0} to ${max}`
  const unit = limits !== '' && schema.type === 'string' ? ' characters' : ''
  return `${schema.format ?? (schema.type === 'string' ? 'text' : schema.type) ?? 'anything'}${limits}${unit}`
}

function curl(operation) {
  const lines = [`curl ${location.origin}${filledPath(operation, {})}`]
  if (operation.method !== 'GET') lines[0] += ` -X ${operation.method}`
  if (operation.security.length > 0) lines.push(`  -H 'Authorization: Bearer wb_…'`)
  const content = operation.requestBody?.content['application/json']
  if (content)
    lines.push(
      `  -H 'Content-Type: application/json'`,
      `  -d '${JSON.stringify(content.example).replaceAll("'", String.raw`'\''`)}'`,
    )
  return element('details', {}, element('summary', {}, 'curl'), copyable(lines.join(' \\\n')))
}

function filledPath({ path, parameters: list = [] }, values) {
  const query = new URLSearchParams()
  let filled = path
  for (const { name, in: place, example: given } of list) {
    const value = values[name] ?? (place === 'path' ? given : undefined)
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value ?? ''))
    else if (place === 'query' && value) query.set(name, value)
  }
  return query.size > 0 ? `${filled}?${query}` : filled
}

function copyable(text) {
  const button = element(
    'button',
    {
      type: 'button',
      onclick: async () => {
        await navigator.clipboard?.writeText(text)
        button.textContent = 'Copied'
        setTimeout(() => {
          button.textContent = 'Copy'
        }, 1500)
      },
    },
    'Copy',
  )
  return element('div', { class: 'copyable' }, element('pre', { tabindex: '0' }, text), button)
}

function tryIt(operation) {
  const { parameters: list = [], requestBody, responses } = operation
  if (Object.values(responses).some(({ content }) => content?.['text/event-stream'])) return null
  const inputs = list.map(({ name, example: given, required }) => ({
    name,
    input: element('input', { value: required ? given : undefined, placeholder: given ?? '', autocomplete: 'off' }),
  }))
  const content = requestBody?.content['application/json']
  const bodyInput = content
    ? element(
        'textarea',
        { rows: String(Math.min(16, JSON.stringify(content.example, null, 2).split('\n').length + 1)), spellcheck: 'false' },
        JSON.stringify(content.example, null, 2),
      )
    : null
  const output = element('div', { role: 'status' })
  const button = element('button', { type: 'submit', class: 'primary' }, 'Send')
  const form = element(
    'form',
    {
      class: 'try',
      onsubmit: async (event) => {
        event.preventDefault()
        button.disabled = true
        output.replaceChildren(
          await send(operation, Object.fromEntries(inputs.map(({ name, input }) => [name, input.value])), bodyInput?.value),
        )
        button.disabled = false
      },
    },
    inputs.map(({ name, input }) => element('label', {}, element('span', {}, name), input)),
    bodyInput ? element('label', {}, element('span', {}, 'Body'), bodyInput) : null,
    element('div', {}, button),
    output,
  )
  return element('details', {}, element('summary', {}, 'Try it'), form)
}

async function send(operation, values, bodyText) {
  const headers = { 'X-Waybill': '1' }
  if (bodyText !== undefined) headers['Content-Type'] = 'application/json'
  if (state.key) headers.Authorization = `Bearer ${state.key}`
  if (values['Idempotency-Key']) headers['Idempotency-Key'] = values['Idempotency-Key']
  const startedAt = performance.now()
  try {
    const response = await fetch(filledPath(operation, values), {
      method: operation.method,
      headers,
      ...(bodyText !== undefined && { body: bodyText }),
    })
    const text = await response.text()
    const line = `${response.status} ${response.statusText} in ${Math.round(performance.now() - startedAt)} ms`
    return element(
      'div',
      {},
      element('p', { class: response.ok ? 'GET' : 'DELETE' }, line),
      text === '' ? null : copyable(pretty(text)),
    )
  } catch (error) {
    return element('p', { class: 'DELETE' }, `No answer: ${error.message}`)
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function errorTable() {
  const rows = errors.map(({ code, status, title }) =>
    element(
      'tr',
      { id: `error-${code}` },
      element('td', {}, String(status)),
      element('td', {}, element('code', {}, code)),
      element('td', {}, title),
    ),
  )
  return element(
    'section',
    { class: 'group' },
    element('h2', {}, 'Errors'),
    element(
      'p',
      {},
      'Every refusal is a problem document (RFC 9457): code for programs, detail for people. Nothing was done. Try 429 and 503 again after Retry-After.',
    ),
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ['Status', 'Code', 'Meaning'].map((title) => element('th', { scope: 'col' }, title)),
        ),
      ),
      element('tbody', {}, rows),
    ),
  )
}
