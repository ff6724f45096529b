/** The page on which somebody decides by the link in their mail. It needs no script and no cookie; looking at it decides nothing. */
import type { FormField } from '../workflows/definition/nodes/people.ts'
import { labelOf, MAX_COMMENT } from '../workflows/tasks/task.ts'
import type { Linked } from '../workflows/tasks/tasks.ts'
import { escaped, publicPage } from './public-page.ts'

/** `wrong`: why what was sent was not taken; `filled`: what they had filled in. */
export function taskPage({ task, decider }: Linked, wrong: string | null = null, filled?: URLSearchParams): string {
  const { title, body, workflow, state } = task
  const head = `<h1>${escaped(title)}</h1>${body === '' ? '' : `<p style="white-space:pre-wrap">${escaped(body)}</p>`}`
  const asks = `<p class="small">The workflow “${escaped(workflow)}” asks.</p>`
  if (state !== 'open') return publicPage({ title, content: `${head}${ended({ task, decider })}${asks}` })
  const buttons = task.decisions.map(
    ({ key, label }, i) =>
      `<button name="decision" value="${escaped(key)}"${i === 0 ? ' class="first"' : ''}>${escaped(label)}</button>`,
  )
  return publicPage({
    title,
    content: `${wrong === null ? '' : `<p class="note" role="alert">${escaped(wrong)}</p>`}${head}
<form method="post">
${task.fields.map((field) => fieldOf(field, filled ? (filled.get(`field_${field.key}`) ?? '') : (field.initial ?? ''))).join('')}
<div class="field"><label for="comment">A word about it. You need not say one.</label><textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}">${escaped(filled?.get('comment') ?? '')}</textarea></div>
${buttons.join('\n')}
</form>
<p class="small">Nothing is decided before you press a button; then it is, in your name, and cannot be taken back.${task.dueAt ? ` It can be decided until ${when(task.dueAt)}.` : ''}</p>${asks}`,
  })
}

function ended({ task, decider }: Pick<Linked, 'task' | 'decider'>): string {
  const at = when(task.endedAt ?? task.createdAt)
  if (task.state === 'decided')
    return `<p role="status">Decided: <b>${escaped(labelOf(task))}</b>, by ${escaped(decider ?? 'somebody')}, ${at}.</p>${task.comment === '' ? '' : `<p style="white-space:pre-wrap">${escaped(task.comment)}</p>`}`
  if (task.state === 'expired') return `<p role="status">Nobody decided in time: it is over since ${at}.</p>`
  return '<p role="status">This is not asked any more.</p>'
}

function when(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function isYes(value: string): boolean {
  return ['yes', 'true', 'on', '1'].includes(value.trim().toLowerCase())
}

function fieldOf({ key, label, type, choices = [], required }: FormField, value: string): string {
  const name = `field_${key}`
  const attributes = `id="${name}" name="${name}"${required && type !== 'yes_no' ? ' required' : ''}`
  const words = `<label for="${name}">${escaped(label)}</label>`
  switch (type) {
    case 'yes_no':
      return `<label class="tick"><input type="checkbox" name="${name}" value="yes"${isYes(value) ? ' checked' : ''}> <span>${escaped(label)}</span></label>`
    case 'long_text':
      return `<div class="field">${words}<textarea ${attributes} rows="5" maxlength="15000">${escaped(value)}</textarea></div>`
    case 'choice': {
      const options = ['', ...choices].map(
        (one) => `<option value="${escaped(one)}"${one === value ? ' selected' : ''}>${escaped(one)}</option>`,
      )
      return `<div class="field">${words}<select ${attributes}>${options.join('')}</select></div>`
    }
    default: {
      const kind = type === 'number' ? 'type="number" step="any"' : type === 'date' ? 'type="date"' : 'maxlength="2000"'
      return `<div class="field">${words}<input ${attributes} ${kind} value="${escaped(value)}"></div>`
    }
  }
}
