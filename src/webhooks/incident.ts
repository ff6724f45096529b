import type { NewIncident } from '../incidents/incident.ts'
import type { WebhookEndpoint, WebhookEndpointId } from './endpoint.ts'

export function disabledKey(id: WebhookEndpointId): string {
  return `webhook.disabled:${id}`
}

export function failingKey(id: WebhookEndpointId): string {
  return `webhook.failing:${id}`
}

/** It has refused for an hour: it still has the rest of the ladder. */
export function failingIncident(endpoint: WebhookEndpoint, since: Date, evidence: NewIncident['evidence']): NewIncident {
  return {
    ...about(endpoint),
    key: failingKey(endpoint.id),
    kind: 'webhook.failing',
    severity: 'warning',
    title: `The webhook to ${hostOf(endpoint)} takes nothing`,
    sentence: `${endpoint.url} has taken nothing since ${minuteOf(since)}. Events for it wait and are tried again, more and more rarely.`,
    hint: 'Look at the latest answers in its log and mend the program behind it. If nothing is taken for 32 hours, the webhook is switched off.',
    evidence,
  }
}

export function disabledIncident(
  endpoint: WebhookEndpoint,
  why: 'gone' | 'failing',
  evidence: NewIncident['evidence'],
): NewIncident {
  const sentence =
    why === 'gone'
      ? `${endpoint.url} answered "410 Gone": it wants nothing any more. It was switched off.`
      : `${endpoint.url} has taken nothing since ${endpoint.failingSince ? minuteOf(endpoint.failingSince) : 'the first try'}, through all tries of 32 hours. It was switched off.`
  return {
    ...about(endpoint),
    key: disabledKey(endpoint.id),
    kind: 'webhook.disabled',
    severity: 'critical',
    title: `The webhook to ${hostOf(endpoint)} was switched off`,
    sentence,
    hint: 'Mend the program behind it, switch the webhook on again, and replay what it missed; or remove it.',
    evidence,
  }
}

function about({ workspaceId, id }: WebhookEndpoint) {
  return { workspaceId, subject: { kind: 'webhook', id } }
}

function hostOf({ url }: WebhookEndpoint): string {
  return URL.parse(url)?.host ?? url
}

function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
