/** The pages of a form: itself, what comes after it, and what the link in its mail leads to. */
import { themeOf } from '../../forms/colours.ts'
import type { Confirming } from '../../forms/confirm.ts'
import { escaped, formMarkup, type MarkupParts, scriptOf, toHtml } from '../../forms/markup.ts'
import type { Shown } from '../../forms/published.ts'
import { mayConfirm } from '../../forms/submission.ts'
import type { Again } from '../../forms/take.ts'
import { publicPage } from '../public-page.ts'

export interface FormPage extends MarkupParts {
  readonly isFrame: boolean
  /** Why the same has to be sent once more. */
  readonly trouble: string | null
}

export function formPage(shown: Shown, page: FormPage): string {
  const { form, settings } = shown
  const title = settings.title || form.name
  const isWrong = page.errors.size > 0
  const trouble = page.trouble ?? (isWrong ? 'Something is missing or not right yet. Nothing was sent.' : null)
  return framedAs(shown, page.isFrame, {
    title,
    content: `${settings.title === '' ? '' : `<h1>${escaped(settings.title)}</h1>`}
${toHtml(settings.intro)}${trouble === null ? '' : `<p class="trouble" role="alert">${escaped(trouble)}</p>`}
<form action="${escaped(page.action)}" method="post">
${formMarkup(shown, page)}
</form>`,
    head: scriptOf(shown, page.url),
  })
}

export type Outcome = 'asked' | 'done' | 'confirmed'

/** In a frame the page around it stays: going on is the visitor's own step. */
export function outcomePage(shown: Shown, outcome: Outcome, isFrame: boolean, more = ''): string {
  const { text, redirect_url } = shown.settings[outcome]
  const onward =
    redirect_url === null ? '' : `<p><a href="${escaped(redirect_url)}" target="_top" rel="noopener">Continue</a></p>`
  return framedAs(shown, isFrame, {
    title: shown.settings.title || shown.form.name,
    content: `<div role="status">${toHtml(text) || '<p>Thank you.</p>'}</div>${onward}${more}`,
  })
}

/** What people read when nothing was kept and the same once more will do. */
export const AGAIN_WORDS: Readonly<Record<Again, string>> = {
  too_fast: 'That was faster than people type. Please press the button again.',
  no_proof:
    'The check that no program sends this did not come along. Please allow JavaScript on this page, and press the button again.',
  proof_used: 'The check was used already. Please press the button again.',
  proof_expired: 'This page was open for a while, and its check is over. Please press the button again.',
  captcha_failed: 'The check that no program sends this was not passed. Please try it again.',
  captcha_down:
    'Whoever checks that no program sends this cannot be reached just now. Nothing was sent. Please try it again in some minutes.',
  too_many: 'This form was sent very often just now. Nothing was sent. Please try it again later.',
}

export function confirmPage({ said, shown }: Confirming, now: Date, preferencesUrl: string): string {
  const names = shown.lists.filter(({ id }) => said.lists.includes(id)).map(({ name }) => `<li>${escaped(name)}</li>`)
  if (mayConfirm(said, now))
    return framedAs(shown, false, {
      title: 'Please confirm',
      content: `<h1>Was that you?</h1>
<p>Somebody asked for this at <b>${escaped(said.address)}</b>:</p>
<ul>${names.join('')}</ul>
<form method="post">
<button name="act" value="confirm" class="first">Yes, put me on</button>
<button name="act" value="deny" class="quiet">That was not me</button>
</form>
<p class="small">Nothing changes before you press a button.</p>`,
    })
  if (said.state === 'confirmed' || said.state === 'accepted')
    return outcomePage(
      shown,
      'confirmed',
      false,
      `<p class="small"><a href="${escaped(preferencesUrl)}">Change what you get</a></p>`,
    )
  if (said.state === 'denied')
    return framedAs(shown, false, {
      title: 'Noted',
      content: `<h1>Noted</h1><p role="status">Nothing was changed, and no form here sends a mail to ${escaped(said.address)} for three months.</p>`,
    })
  return framedAs(shown, false, {
    title: 'This link is over',
    content: `<h1>This link is over</h1><p>It was good for ${shown.settings.confirm_hours} hours. Nothing was changed.</p><p><a href="/f/${escaped(shown.form.slug)}">Send the form again</a></p>`,
  })
}

export function notThere(): string {
  return publicPage({
    title: 'No form here',
    content: '<h1>There is no form here</h1><p>It may have been closed, or the address is not whole. Nothing was sent.</p>',
  })
}

export function linkNowhere(): string {
  return publicPage({
    title: 'Link not known',
    content:
      '<h1>This link leads nowhere</h1><p>It may have been cut off by a mail program, or what it belongs to is not kept here any more. Nothing was changed.</p>',
  })
}

export function notFromThere(shown: Shown, origin: string, url: string): string {
  return publicPage({
    title: shown.settings.title || shown.form.name,
    content: `<h1>Not from there</h1><p>This form does not take anything from ${escaped(origin)}. Nothing was sent.</p><p><a href="${escaped(url)}/f/${escaped(shown.form.slug)}" target="_top">Open the form itself</a></p>`,
  })
}

function framedAs(
  { settings }: Shown,
  isFrame: boolean,
  { title, content, head = '' }: { readonly title: string; readonly content: string; readonly head?: string },
): string {
  return publicPage({ title, content, head, isFrame, language: settings.language, style: themeOf(settings.colours) })
}
