/** Asking a program elsewhere. The step only writes the request down; somebody else carries it out, and its end is an event. */
import { whyNotUrl } from '../../webhooks/url.ts'
import type { Json } from '../definition/graph.ts'
import type { HttpRequest } from '../definition/nodes/data.ts'
import { TextError } from '../facts/text.ts'
import type { StepResult } from '../interpret/result.ts'
import { putRequest, type RequestId, withdrawRequest } from '../requests/requests.ts'
import { hasSecret } from '../requests/secrets.ts'
import { type Step, type StepContext, step } from './step.ts'

const MAX_URL = 4_000
const MAX_BODY = 200_000
/** What the connection says of itself is not for a workflow to say. */
const OURS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
])

function failed(sentence: string, failureClass = 'invalid'): StepResult {
  return { kind: 'fail', class: failureClass, sentence, retryAt: null, port: 'failed' }
}

const request = step<HttpRequest>({
  type: 'http.request@1',
  async run(context, config) {
    try {
      return await ask(context, config)
    } catch (error) {
      if (error instanceof TextError) return failed(error.message, 'text')
      throw error
    }
  },
  hit(_, __, port, { facts }) {
    const { class: failureClass, sentence } = facts
    if (port === 'ok') return { kind: 'go', port, output: facts as Json }
    return { ...failed(String(sentence), String(failureClass)), output: facts as Json } as StepResult
  },
  async drop({ tx, run, token, now }) {
    const { request: id } = token.memo
    if (typeof id === 'string') await withdrawRequest(tx, run.workspaceId, id as RequestId, now)
  },
})

async function ask(context: StepContext, config: HttpRequest): Promise<StepResult> {
  const { tx, run, token, nodeId, node, now } = context
  const url = (await context.text(config.url)).trim()
  // What may be private is asked when the name is looked up, each time anew.
  const why = url.length > MAX_URL ? 'it is too long' : whyNotUrl(url, true)
  if (why !== null) return failed(`“${url.slice(0, 200)}” cannot be asked: ${why}.`)
  const headers: Record<string, string> = {}
  for (const [name, template] of Object.entries(config.headers)) {
    const value = (await context.text(template)).trim()
    if (OURS.has(name.toLowerCase())) return failed(`The header ${name} is not for a workflow to set.`)
    if (/[^\t\x20-\x7e\u0080-\u00ff]/.test(value)) return failed(`What the header ${name} is to say cannot be sent in a header.`)
    headers[name] = value
  }
  const { secret = null, secret_header: secretHeader = null } = config
  if (secret !== null && !(await hasSecret(tx, run.workspaceId, secret)))
    return failed(`The secret “${secret}” is not there any more.`, 'secret')
  const [body, bodyType] = await bodyOf(context, config.body)
  if (body !== null && body.length > MAX_BODY) return failed(`What is sent is longer than ${MAX_BODY} characters.`, 'limit')
  const id = context.newId<RequestId>()
  const { workspaceId, id: runId, workflowId, workflowName: workflow } = run
  await putRequest(
    tx,
    {
      ...{ workspaceId, id, workflowId, workflow, runId, tokenId: token.id, node: nodeId, visit: token.visit },
      ...{ method: config.method, url, headers, secret, secretHeader, body, bodyType },
      ...{ timeoutMs: config.timeout_s * 1_000, expect: config.expect ?? null, keep: config.keep, retry: node.retry ?? null },
    },
    now,
  )
  const arms = (['ok', 'failed'] as const).map((port) => {
    return { port, on: 'request.ended', key: `request:${id}`, where: { ok: port === 'ok' } }
  })
  return { kind: 'wait', arms, until: null, timeoutPort: null, memo: { request: id } }
}

async function bodyOf(context: StepContext, body: HttpRequest['body']): Promise<[body: string | null, type: string | null]> {
  switch (body?.as) {
    case undefined:
      return [null, null]
    case 'json':
      return [JSON.stringify(await context.value(body.value)), 'application/json']
    case 'form': {
      const fields = new URLSearchParams()
      for (const [name, template] of Object.entries(body.values)) fields.append(name, await context.text(template))
      return [fields.toString(), 'application/x-www-form-urlencoded']
    }
    case 'text':
      return [await context.text(body.text), body.type ?? 'text/plain; charset=utf-8']
  }
}

export const REQUEST_STEPS = [request] as unknown as readonly Step<never>[]
