/** A form as HTML: the same for our own page, for a frame, for the preview, and as text to be put on another site. Pure. */
import MarkdownIt from 'markdown-it'
import type { ContactField } from '../contacts/custom-data.ts'
import { CAPTCHA_PAGES } from './captcha.ts'
import { DATA_PREFIX, type FormField, isForeign } from './form.ts'
import type { Shown } from './published.ts'
import { CONSENT_PREFIX, HONEYPOT, type Posted } from './read-answers.ts'

export interface MarkupParts {
  /** Where it is posted to. */
  readonly action: string
  /** Where we are reached. */
  readonly url: string
  readonly values: Posted
  readonly errors: ReadonlyMap<string, string>
  /** Proves when the page was given out; null in HTML that is put on other sites. */
  readonly started: string | null
}

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false })
const usual = markdown.renderer.rules.link_open ?? ((tokens, i, options, _, self) => self.renderToken(tokens, i, options))
markdown.renderer.rules.link_open = (tokens, i, options, env, self) => {
  tokens[i]?.attrSet('target', '_blank')
  tokens[i]?.attrSet('rel', 'noopener')
  return usual(tokens, i, options, env, self)
}

/** HTML in it stays text, and links lead only where links may. */
export function toHtml(source: string): string {
  return source.trim() === '' ? '' : markdown.render(source)
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Everything within `<form>`. */
export function formMarkup(shown: Shown, parts: MarkupParts): string {
  const { settings } = shown
  return [
    settings.fields.map((field) => fieldMarkup(field, shown, parts)).join('\n'),
    listsMarkup(shown, parts),
    settings.consents.map(({ key, required }) => consentMarkup(shown, parts, key, required)).join('\n'),
    trapMarkup(),
    captchaMarkup(shown, parts),
    parts.started === null ? '' : `<input type="hidden" name="started" value="${escaped(parts.started)}">`,
    `<button type="submit" class="first">${escaped(settings.button)}</button>`,
    settings.fine_print.trim() === '' ? '' : `<div class="small">${toHtml(settings.fine_print)}</div>`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function fieldMarkup(field: FormField, shown: Shown, parts: MarkupParts): string {
  const { key, label, placeholder, required } = field
  const known = shown.contactFields.find((one) => `${DATA_PREFIX}${one.key}` === key)
  const id = idOf(key)
  const value = parts.values.get(key)?.[0] ?? ''
  const attributes = `id="${id}" name="${escaped(key)}"${required ? ' required' : ''}${invalid(parts, key)}`
  const hint = placeholder === '' ? '' : ` placeholder="${escaped(placeholder)}"`
  const star = required ? ' <span aria-hidden="true">*</span>' : ''
  const named = (control: string) =>
    `<div class="field"><label for="${id}">${escaped(label)}${star}</label>${control}${errorOf(parts, key)}</div>`
  if (key === 'language') return named(selectOf(attributes, shown.settings.languages, value, placeholder))
  if (known?.type === 'boolean')
    return `<div class="field"><label class="tick"><input type="checkbox" ${attributes} value="yes"${value === '' ? '' : ' checked'}> <span>${escaped(label)}${star}</span></label>${errorOf(parts, key)}</div>`
  if (known?.type === 'choice')
    return named(
      selectOf(
        attributes,
        known.options.map((option) => ({ tag: option, name: option })),
        value,
        placeholder,
      ),
    )
  if (known?.type === 'choices') return choicesMarkup(field, known, parts)
  return named(
    `<input ${attributes} type="${typeOf(key, known)}" value="${escaped(value)}"${hint}${autocomplete(key)} maxlength="${maxOf(known)}">`,
  )
}

function selectOf(
  attributes: string,
  options: readonly { readonly tag: string; readonly name: string }[],
  value: string,
  placeholder: string,
): string {
  const all = options.map(
    ({ tag, name }) => `<option value="${escaped(tag)}"${tag === value ? ' selected' : ''}>${escaped(name)}</option>`,
  )
  return `<select ${attributes}><option value="">${escaped(placeholder)}</option>${all.join('')}</select>`
}

function choicesMarkup({ key, label, required }: FormField, { options }: ContactField, parts: MarkupParts): string {
  const chosen = new Set(parts.values.get(key) ?? [])
  const boxes = options.map(
    (option) =>
      `<label class="tick"><input type="checkbox" name="${escaped(key)}" value="${escaped(option)}"${chosen.has(option) ? ' checked' : ''}> <span>${escaped(option)}</span></label>`,
  )
  return `<fieldset class="field"><legend>${escaped(label)}${required ? ' <span aria-hidden="true">*</span>' : ''}</legend>${boxes.join('')}${errorOf(parts, key)}</fieldset>`
}

/** Never ticked beforehand: a box that was ticked by us is no consent (GDPR recital 32). */
function listsMarkup({ lists }: Shown, parts: MarkupParts): string {
  const offered = lists.filter((list) => list.offered)
  if (offered.length === 0) return ''
  const ticked = new Set(parts.values.get('list') ?? [])
  const boxes = offered.map(
    ({ id, name, description }) =>
      `<label class="tick"><input type="checkbox" name="list" value="${id}"${ticked.has(id) ? ' checked' : ''}> <span>${escaped(name)}${description === '' ? '' : `<br><small>${escaped(description)}</small>`}</span></label>`,
  )
  return `<fieldset class="field"><legend>What you would like to get</legend>${boxes.join('')}${errorOf(parts, 'list')}</fieldset>`
}

function consentMarkup({ consents }: Shown, parts: MarkupParts, key: string, required: boolean): string {
  const text = consents.find((one) => one.key === key)
  if (!text) return ''
  const name = `${CONSENT_PREFIX}${key}`
  const isTicked = parts.values.get(name)?.[0] === String(text.version)
  const star = required ? ' <span aria-hidden="true">*</span>' : ''
  const words = markdown.renderInline(text.text.replace(/\s*\n\s*/g, ' '))
  return `<div class="field"><label class="tick"><input type="checkbox" id="${idOf(name)}" name="${name}" value="${text.version}"${required ? ' required' : ''}${isTicked ? ' checked' : ''}${invalid(parts, name)}> <span>${words}${star}</span></label>${errorOf(parts, name)}</div>`
}

/** Out of sight and out of the way of keyboards and of whoever listens; not `display: none`, which programs know. */
function trapMarkup(): string {
  return `<div aria-hidden="true" style="position:absolute;left:-10000px;top:auto;width:1px;height:1px;overflow:hidden"><label>Leave this empty<input type="text" name="${HONEYPOT}" tabindex="-1" autocomplete="off"></label></div>`
}

function captchaMarkup({ form, settings }: Shown, parts: MarkupParts): string {
  const { kind, site_key, unproven } = settings.captcha
  const error = errorOf(parts, 'captcha')
  const without = `<noscript><p class="small">${unproven === 'confirm' ? 'Without JavaScript, this form is taken a few times an hour, and you are asked by mail whether it was you.' : 'This form needs JavaScript: it shows that no program fills it in.'}</p></noscript>`
  if (kind === 'none') return error
  if (isForeign(kind)) {
    const { script, css } = CAPTCHA_PAGES[kind]
    return `<div class="${css}" data-sitekey="${escaped(site_key)}"></div><script src="${script}" async defer></script>${without}${error}`
  }
  return `<p class="small" role="status" data-waybill-status></p><input type="hidden" name="altcha" data-waybill-challenge="${escaped(`${parts.url}/f/${form.id}/challenge`)}">${without}${error}`
}

/** Where the script is that does the work of altcha. */
export function scriptOf({ settings }: Pick<Shown, 'settings'>, url: string): string {
  return settings.captcha.kind === 'altcha' ? `<script src="${escaped(url)}/f/form.js" async></script>` : ''
}

function idOf(key: string): string {
  return `wb-${key.replace(/[^a-z0-9]+/gi, '-')}`
}

function invalid({ errors }: MarkupParts, key: string): string {
  return errors.has(key) ? ` aria-invalid="true" aria-describedby="${idOf(key)}-error"` : ''
}

function errorOf({ errors }: MarkupParts, key: string): string {
  const sentence = errors.get(key)
  return sentence === undefined ? '' : `<p class="error" id="${idOf(key)}-error">${escaped(sentence)}</p>`
}

function typeOf(key: string, known: ContactField | undefined): string {
  if (key === 'email') return 'email'
  return known?.type === 'date' ? 'date' : known?.type === 'url' ? 'url' : 'text'
}

function maxOf(known: ContactField | undefined): number {
  return known ? 4_000 : 320
}

function autocomplete(key: string): string {
  const names: Readonly<Record<string, string>> = { email: 'email', first_name: 'given-name', last_name: 'family-name' }
  return names[key] === undefined ? '' : ` autocomplete="${names[key]}"`
}

/** What may be copied to put the form somewhere. */
export interface Embeds {
  readonly link: string
  readonly frame: string
  readonly html: string
}

/** About as high as its fields are: a frame does not grow by itself. */
const ROW_PIXELS = 84

export function embedsOf(shown: Shown, url: string): Embeds {
  const { form, settings } = shown
  const rows = 3 + settings.fields.length + settings.consents.length + shown.lists.filter(({ offered }) => offered).length
  const title = escaped(settings.title || form.name)
  const parts: MarkupParts = { action: `${url}/f/${form.id}`, url, values: new Map(), errors: new Map(), started: null }
  return {
    link: `${url}/f/${form.slug}`,
    frame: `<iframe src="${escaped(url)}/f/${form.id}/frame" title="${title}" style="width:100%;height:${rows * ROW_PIXELS}px;border:0" loading="lazy"></iframe>`,
    html: `<form action="${escaped(parts.action)}" method="post" class="waybill-form">\n${formMarkup(shown, parts)}\n</form>\n${scriptOf(shown, url)}`.trimEnd(),
  }
}
