import { counted } from '../plural.ts'

const receivers = { one: 'receiver', other: 'receivers' }

export const receiverLimits = {
  receiverLimits: {
    title: 'Limits of receivers',
    lead: 'How many connections each receiver is given at one time, and how many messages go over one. Waybill begins with what is usual, heeds what receivers answer, and lets go of a lesson within ten days.',
    label: 'Limits of receivers',
    receiver: 'Receiver',
    connections: 'Connections',
    messages: 'Messages each',
    why: 'Why',
    acts: 'Acts',
    usual: 'Usual',
    usually: (n: number) => `usually ${n}`,
    set: 'Set by a person',
    learned: 'Learned',
    showAll: (n: number) => `Show all ${counted(n, receivers)}`,
    showFewer: 'Show fewer',
    change: 'Change',
    changeOf: (name: string) => `Change: ${name}`,
    add: 'Set for another receiver',
    dialogTitle: (name: string) => `Limits of ${name}`,
    newTitle: 'Limits of another receiver',
    name: 'Receiver',
    nameHint: 'The domain of its mail servers, such as example.org for mx1.example.org.',
    maxConnections: 'Connections at once',
    maxMessages: 'Messages per connection',
    emptyIsUsual: (n: number) => `Empty: the usual ${n}.`,
    beginsAnew: 'What was learned under other limits is forgotten; answers go on teaching.',
    save: 'Save limits',
    saved: (name: string) => `Saved. ${name} is given these limits at once.`,
    reset: 'Back to usual',
    resetDone: (name: string) => `${name} has its usual limits again`,
  },
}
