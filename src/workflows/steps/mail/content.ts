/** What a mail says: texts of the step, or a template with what the step gives it. */
import { withWayOut } from '../../../campaigns/leaving/way-out.ts'
import { type Parts, withFallbacks } from '../../../templates/content.ts'
import { findTemplate } from '../../../templates/library/templates.ts'
import { makeParts } from '../../../templates/parts.ts'
import type { TemplateId } from '../../../templates/template.ts'
import type { Json } from '../../definition/graph.ts'
import type { Send } from '../../definition/nodes/mail.ts'
import { renderText } from '../../facts/text.ts'
import type { Values } from '../../interpret/state.ts'
import type { StepContext } from '../step.ts'
import type { MailStepDeps } from './deps.ts'
import { MailTrouble } from './trouble.ts'

export interface Words {
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
}

/** `own`: what only this mail has, as its link to leave. Null: it is no mail to many. */
export async function wordsFor(
  context: StepContext,
  deps: MailStepDeps,
  content: Send['content'],
  own: Readonly<Record<string, string>> | null,
): Promise<Words> {
  const data = content.by === 'template' ? await dataOf(context, content.data) : {}
  const written = content.by === 'template' ? await partsOf(context, deps, content, data) : plainParts(content)
  const parts = own === null ? written : withWayOut(written)
  const scope = await context.scope()
  const { contact, missing } = withFallbacks((scope.contact ?? {}) as Values, parts.fields)
  if (missing.length > 0)
    throw new MailTrouble('missing_field', `The template needs ${missing.join(', ')}, which this person does not have.`)
  const seen = { ...scope, contact: contact as Json, data, ...own }
  const fill = (source: string | null, escaping: 'plain' | 'html') =>
    source === null ? null : renderText(source, seen, escaping, context.now)
  return { subject: oneLine(fill(parts.subject, 'plain') ?? ''), text: fill(parts.text, 'plain'), html: fill(parts.html, 'html') }
}

const SUBJECT_MAX = 900

/** A header is one line: what somebody has in their name cannot make two of it. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, SUBJECT_MAX)
}

function plainParts({ subject, text, html }: Extract<Send['content'], { by: 'text' }>): Parts {
  return { toName: '', subject, text, html: html ?? null, fields: [] }
}

async function dataOf(context: StepContext, data: Readonly<Record<string, string>>): Promise<Values> {
  const found: Record<string, Json> = {}
  for (const [key, expression] of Object.entries(data)) found[key] = await context.value(expression)
  return found
}

/** Places of the template are filled by name with what the step gives. It goes in as a value, never as a text that is read as markup or Liquid. */
async function partsOf(
  { tx, run }: StepContext,
  { mjml }: MailStepDeps,
  content: Extract<Send['content'], { by: 'template' }>,
  data: Values,
): Promise<Parts> {
  const template = await findTemplate(tx, run.workspaceId, content.template as TemplateId)
  const { format, body, blocks, fields } = template
  const slots = Object.fromEntries(Object.keys(data).map((key) => [key, `{{ data.${key} }}`]))
  const wanted = {
    ...{ format, body, blocks, fields, subject: content.subject ?? template.name, text: null, toName: '' },
    template: { id: template.id, slots },
  }
  const made = await makeParts(wanted, template, mjml)
  if (!made.ok)
    throw new MailTrouble(
      'template',
      `The template “${template.name}” cannot be used: ${made.problems[0]?.sentence ?? 'something is wrong with it.'}`,
    )
  return made.parts
}
