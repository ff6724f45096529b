/** The page on which somebody leaves. It needs no script, no cookie and nothing that would have to be fetched. */
import type { LeavingReason, LeavingView } from '../campaigns/leaving/leaving.ts'
import { escaped, framed } from './public-page.ts'

/** What was just done, where where somebody stands does not say so. */
export type Said = 'back' | 'stay'

export const WHY: Readonly<Record<LeavingReason, string>> = {
  too_many: 'It is too much mail',
  not_interesting: 'It does not interest me',
  never_asked: 'I never asked for it',
  other: 'Something else',
}

/** `preferences`: where they can choose list by list. */
export function leavingPage(view: LeavingView, said: Said | null, preferences: string): string {
  const { hasLeft, hasLeftAll } = view
  if (hasLeft || hasLeftAll) return framed('You have left', afterwards(view) + chooseInstead(preferences))
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
<p class="small">Nothing changes before you press a button. Letters that concern you alone, such as receipts and answers, still reach you.</p>${chooseInstead(preferences)}`,
  )
}

function chooseInstead(preferences: string): string {
  return `<p class="small"><a href="${escaped(preferences)}">Choose what you get</a>, change your name, or ask what is known of you.</p>`
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

/** Where the link of a test leads: nobody got that mail as a member of anything. */
export function testPage(): string {
  return framed(
    'This was a test',
    `<h1>This was a test</h1><p>Whoever gets the mail itself can leave its lists here. The mail you have was sent to try how it looks, so there is nothing to leave. Nothing was changed.</p>`,
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
