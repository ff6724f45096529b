import { counted } from '../plural.ts'

/** What workflows share with programs elsewhere: secrets that they prove themselves with, and addresses that they are called at. */
export const workflowLinks = {
  secrets: {
    title: 'Secrets',
    lead: 'What workflows prove themselves with when they ask a web address. A value is used, and never shown again.',
    add: 'Add a secret',
    name: 'Name',
    nameHint: 'Steps name it by this. Letters, digits, spaces, . _ and -.',
    value: 'Value',
    valueHint: 'As the other program wants it, such as a key or a token. It is kept sealed; nobody can read it here again.',
    changed: 'Changed',
    usedBy: 'Who uses it',
    unused: 'No workflow',
    places: { draft: 'draft', published: 'published', older: 'runs of older versions' },
    removedWorkflow: 'removed, runs go on',
    save: 'Save',
    saved: (name: string) => `“${name}” is kept.`,
    replace: 'Replace',
    replaceLabel: (name: string) => `Replace: ${name}`,
    replaceTitle: (name: string) => `Replace the value of “${name}”`,
    replaceLead: 'All requests are sent with the new value from now on, those that are tried again too.',
    there: 'There is a secret of this name. Replace its value instead.',
    remove: 'Remove',
    removeLabel: (name: string) => `Remove: ${name}`,
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeBody: (n: number) =>
      n === 0
        ? 'No workflow uses it. This cannot be undone.'
        : `${counted(n, { one: 'workflow uses', other: 'workflows use' })} it: their requests fail from then on, and their runs go the way for it or are held. This cannot be undone.`,
    removed: (name: string) => `“${name}” is removed.`,
    emptyTitle: 'Nothing is kept here yet',
    empty:
      'A workflow that asks a web address often has to say who it is. Keep the key or the token here under a name, and choose that name in the step “Ask a web address”: nobody sees the value, and it is changed in one place.',
    toPage: 'Keep secrets',
    none: 'No secret is kept yet.',
  },
  address: {
    title: 'Web address',
    lead: 'Other programs POST to it, without signing in. Whoever knows it can begin this workflow.',
    notYet: 'The address is here when the step is saved.',
    listening: 'It listens.',
    silent: 'Nobody listens yet: it does once this is published and turned on.',
    copy: 'Copy the address',
    example: 'Example',
    copyExample: 'Copy the example',
    takes: 'JSON, a form or a text, 64 KB at most. 202 means that it is written down.',
    change: 'Change the address',
    changeTitle: 'Give this step another address?',
    changeBody:
      'Who calls the address that it has now is refused from then on (404), and nothing begins: give the new one to every program that calls it. Runs that go on are left alone.',
    changed: 'It has another address. The old one is refused.',
  },
}
