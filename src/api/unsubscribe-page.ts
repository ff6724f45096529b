/** The page on which somebody leaves. It needs no script, no cookie and nothing that would have to be fetched. */
import type { LeavingReason, LeavingView } from '../campaigns/leaving/leaving.ts'

/** What was just done, where where somebody stands does not say so. */
export type Said = 'back' | 'stay'

const WHY: Readonly<Record<LeavingReason, string>> = {
  too_many: 'It is too much mail',
  not_interesting: 'It does not interest me',
  never_asked: 'I never asked for it',
  other: 'Something else',
}

export function leavingPage(view: LeavingView, said: Said | null): string {
  const { hasLeft, hasLeftAll } = view
  if (hasLeft || hasLeftAll) return framed('You have left', afterwards(view))
  const note = said === null ? '' : `<p class="note" role="status">${NOTES[said]}</p>`
  return framed(
    'Unsubscribe',
    `${note}<h1>Leave mail from ${escaped(view.from)}?</h1>
<p>It is sent to <b>${escaped(view.address)}</b>${view.lists.length + view.privateLists > 0 ? ', as a member of:' : '.'}</p>
${listsOf(view)}
<form method="post">
  <label for="why">Why? You need not say.</label>
  <select id="why" name="why"><option value=""></option>${Object.entries(WHY)
    .map(([value, words]) => `<option value="${value}">${words}</option>`)
    .join('')}</select>
  ${view.lists.length + view.privateLists > 0 ? button('lists', nameOfLists(view), 'first') : ''}
  ${button('everything', `Leave everything from ${escaped(view.from)}`)}
  ${button('stay', 'Stay', 'quiet')}
</form>
<p class="small">Nothing changes before you press a button. Letters that concern you alone, such as receipts and answers, still reach you.</p>`,
  )
}

const NOTES: Readonly<Record<Said, string>> = {
  back: 'It was taken back: everything is as it was.',
  stay: 'Nothing was changed.',
}

function afterwards(view: LeavingView): string {
  const { address, from, hasLeftAll, mayTakeBack } = view
  const what = hasLeftAll
    ? `<b>${escaped(address)}</b> gets nothing any more that ${escaped(from)} sends to many.`
    : `<b>${escaped(address)}</b> gets no mail any more of:`
  return `<h1>You have left</h1>
<p role="status">${what}</p>
${hasLeftAll ? '' : listsOf(view)}
<p>It holds from now on, also for mail that waits to be sent. What is on its way already may still arrive.</p>
${
  mayTakeBack || !hasLeftAll
    ? `<form method="post">
  ${mayTakeBack ? button('back', 'Take it back', 'first') : ''}
  ${hasLeftAll ? '' : button('everything', `Leave everything from ${escaped(from)}`)}
</form>`
    : ''
}${mayTakeBack ? '<p class="small">This page can take it back for a day.</p>' : ''}`
}

function listsOf({ lists, privateLists, from }: LeavingView): string {
  const isMore = lists.length > 0
  const others =
    privateLists === 1
      ? `${isMore ? 'another' : 'a'} list of ${from}`
      : `${privateLists} ${isMore ? 'more ' : ''}lists of ${from}`
  const names = [...lists.map(({ name }) => name), ...(privateLists > 0 ? [others] : [])]
  return names.length === 0 ? '' : `<ul>${names.map((name) => `<li>${escaped(name)}</li>`).join('')}</ul>`
}

function nameOfLists({ lists, privateLists }: LeavingView): string {
  return lists.length + privateLists === 1 ? 'Leave this list' : 'Leave these lists'
}

/** For a token that was cut off, made up, or whose mail is not known any more: nothing is told of which. */
export function nowherePage(): string {
  return framed(
    'Link not known',
    `<h1>This link leads nowhere</h1>
<p>It may have been cut off by a mail program, or it belongs to a mail that is not kept here any more. Nothing was changed.</p>
<p>Try the link of a newer mail, or the button “Unsubscribe” of your mail program; or answer the mail and say that you want no more of it.</p>`,
  )
}

export function busyPage(): string {
  return framed(
    'One moment',
    `<h1>One moment, please</h1><p>This link was asked for very often just now. Try again in a minute.</p>`,
  )
}

function button(act: string, words: string, kind = ''): string {
  return `<button name="act" value="${act}"${kind && ` class="${kind}"`}>${words}</button>`
}

function framed(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body><main>${content}</main></body>
</html>
`
}

const STYLE = `
:root { color-scheme: light dark; --canvas: #f4f5f2; --surface: #fff; --line: #dde0da; --strong: #8e9692; --ink: #15201e; --ink-2: #46534f; --accent: #0c5a63; --on: #fff; --soft: #dfedec; --focus: #0a7c8a }
@media (prefers-color-scheme: dark) { :root { --canvas: #101615; --surface: #18201e; --line: #2c3734; --strong: #74807b; --ink: #e6ebe8; --ink-2: #aab5b0; --accent: #7cc9d2; --on: #0a1f22; --soft: #17332f; --focus: #5cc4d0 } }
* { box-sizing: border-box }
body { margin: 0; padding: 12vh 16px 32px; background: var(--canvas); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 32px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; overflow-wrap: anywhere }
h1 { margin: 0 0 12px; font-size: 1.375rem; line-height: 1.3; font-weight: 600 }
p, ul { margin: 0 0 16px }
p:last-child { margin-bottom: 0 }
ul { padding-left: 20px }
.small, label { color: var(--ink-2); font-size: .875rem }
.note { padding: 10px 14px; background: var(--soft); border-radius: 6px }
form { display: grid; gap: 10px; margin: 20px 0 }
select, button { font: inherit; min-height: 44px; padding: 8px 16px; border: 1px solid var(--strong); border-radius: 6px; background: var(--surface); color: var(--ink) }
select { margin-bottom: 10px }
button { cursor: pointer; font-weight: 500; overflow-wrap: anywhere }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on) }
button.quiet { border-color: transparent; color: var(--ink-2) }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
@media (max-width: 480px) { body { padding: 0; background: var(--surface) } main { border: 0; border-radius: 0; padding: 24px 20px } }
`

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
