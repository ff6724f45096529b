import { counted, grouped } from '../plural.ts'

const addresses = (n: number) => counted(n, { one: 'address', other: 'addresses' })

export const repair = {
  repair: {
    title: 'Repair addresses',
    lead: 'Stored addresses that are none: whole rows of a table, brought by other tools or written into the database.',
    banner: (n: number, more: boolean) =>
      `${grouped(n)}${more ? ' or more' : ''} stored ${n === 1 ? 'address is' : 'addresses are'} none, so nothing can be sent there.`,
    bannerAct: 'Repair them',
    noneTitle: 'Nothing to repair',
    none: 'Every stored address is one that mail can be sent to.',
    found: 'Found',
    columns: {
      stored: 'As it is stored',
      address: 'Address',
      name: 'First and last name',
      rest: 'Left over',
      conflict: 'What is in the way',
    },
    choose: (address: string) => `Choose ${address}`,
    chooseShown: 'Choose all that are shown',
    cannot: 'Cannot be split',
    conflict: (name: string) => `${name || 'Another contact'} has this address`,
    conflicts: 'Where another contact has the address already',
    skip: 'Leave it as it is',
    merge: 'Join the two contacts',
    all: (n: number) => `Repair all ${addresses(n)}`,
    chosen: (n: number) => `Repair ${addresses(n)}`,
    sure: (n: number) => `Repair ${addresses(n)}?`,
    sureBody:
      'Names go where none is, and what is left over goes to the note. Consent stays; on lists with double opt-in it is to be confirmed anew. All of it can be undone for 90 days.',
    more: 'Show more',
    past: 'Repairs',
    states: { running: 'Under way', done: 'Done', undoing: 'Being undone', undone: 'Undone' },
    counts: (split: number, merged: number, skipped: number) =>
      [
        `${grouped(split)} split`,
        merged > 0 ? `${grouped(merged)} joined` : '',
        skipped > 0 ? `${grouped(skipped)} left as they are` : '',
      ]
        .filter(Boolean)
        .join(' · '),
    takenBack: (undone: number, stayed: number) =>
      `${grouped(undone)} taken back${stayed > 0 ? ` · ${grouped(stayed)} stayed, since somebody changed them` : ''}`,
    undo: 'Undo',
    undoTitle: 'Take this repair back?',
    undoBody: 'Each address is again as it was, wherever nobody changed it since.',
    left: 'Left as they are',
  },
}
