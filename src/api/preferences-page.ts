/** The page on which somebody says what they want to get. It needs no script and no cookie. */
import { LEAVING_REASONS, type LeavingReason } from '../campaigns/leaving/leaving.ts'
import type { PreferencesView } from '../contacts/preferences/preferences.ts'
import { escaped, publicPage } from './public-page.ts'
import { WHY } from './unsubscribe-page.ts'

export const PREFERENCES_SAID = ['saved', 'same', 'left', 'data', 'data_before', 'erase', 'erase_before'] as const
export type PreferencesSaid = (typeof PREFERENCES_SAID)[number]

const SAID: Readonly<Record<PreferencesSaid, string>> = {
  saved: 'Saved. It holds from the next mail on.',
  same: 'Nothing was changed.',
  left: 'You have left everything. Letters that concern you alone, such as receipts and answers, still reach you.',
  data: 'A mail with everything that is known of you is on its way to your address.',
  data_before:
    'A mail with everything that is known of you was sent within the last day. Look into your mailbox, and into the folder for spam.',
  erase: 'Whoever writes to you has been told that you ask to be erased. They have a month for it.',
  erase_before: 'You asked already, and they have been told.',
}

/** `languages`: what may be chosen beside what is known. */
export function preferencesPage(view: PreferencesView, said: PreferencesSaid | null, languages: readonly string[]): string {
  const { address, from, lists, others, hasLeftAll, person } = view
  const note = said === null ? '' : `<p class="note" role="status">${SAID[said]}</p>`
  const gone = hasLeftAll ? '<p>At the moment you get nothing that is sent to many. Tick a list and save to change that.</p>' : ''
  const boxes = lists.map(
    ({ id, name, description, isOn }) =>
      `<label class="tick"><input type="checkbox" name="list" value="${id}"${isOn && !hasLeftAll ? ' checked' : ''}> <span>${escaped(name)}${description === '' ? '' : `<br><small>${escaped(description)}</small>`}</span></label>`,
  )
  const more =
    others === 0
      ? ''
      : `<label class="tick"><input type="checkbox" name="others" value="1"${hasLeftAll ? '' : ' checked'}> <span>${others === 1 ? 'One more list' : `${others} more lists`} of ${escaped(from)}</span></label><input type="hidden" name="had_others" value="1">`
  const choices =
    boxes.length === 0 && more === ''
      ? '<p>There is no list that you can choose here.</p>'
      : `<fieldset class="field"><legend>What you get</legend>${boxes.join('')}${more}</fieldset>`
  return publicPage({
    title: 'What you get',
    content: `${note}<h1>What do you want to get from ${escaped(from)}?</h1>
<p>Mail goes to <b>${escaped(address)}</b>.</p>${gone}
<form method="post">
${choices}
${person === null ? '' : ownWords(person, languages)}
${whyOf()}
<button name="act" value="save" class="first">Save</button>
<button name="act" value="everything">Leave everything from ${escaped(from)}</button>
</form>
<p class="small">Nothing changes before you press a button.</p>
${person === null ? '' : rights(from)}`,
  })
}

function ownWords(
  { firstName, lastName, language }: NonNullable<PreferencesView['person']>,
  languages: readonly string[],
): string {
  const field = (name: string, label: string, value: string, hint: string) =>
    `<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${escaped(value)}" maxlength="100" autocomplete="${hint}"></div>`
  const tags = [...new Set([...(language === '' ? [] : [language]), ...languages])]
  const options = tags.map(
    (tag) => `<option value="${escaped(tag)}"${tag === language ? ' selected' : ''}>${escaped(nameOfLanguage(tag))}</option>`,
  )
  return `${field('first_name', 'First name', firstName, 'given-name')}${field('last_name', 'Last name', lastName, 'family-name')}
<div class="field"><label for="language">Language</label><select id="language" name="language"><option value=""></option>${options.join('')}</select></div>`
}

function nameOfLanguage(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}

function whyOf(): string {
  const options = LEAVING_REASONS.map((value: LeavingReason) => `<option value="${value}">${WHY[value]}</option>`)
  return `<div class="field"><label for="why">If you leave something: why? You need not say.</label><select id="why" name="why"><option value=""></option>${options.join('')}</select></div>`
}

/** GDPR Art. 15 and 17. */
function rights(from: string): string {
  return `<details><summary>Your data</summary>
<form method="post">
<p class="small">Everything that ${escaped(from)} knows of you is sent to your address as a file.</p>
<button name="act" value="data">Send me my data</button>
<p class="small">To be erased is for good. You are on no list any more then; what was written to you and by you stays with whoever has to keep it.</p>
<button name="act" value="erase">Ask to be erased</button>
</form></details>`
}
