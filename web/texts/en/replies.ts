import { counted, grouped } from '../plural.ts'

export const replies = {
  replies: {
    title: 'Replies that no rule knows',
    lead: 'What mail servers said and we could not place: it put off or ended its own message, nothing else, and suppressed nobody.',
    label: 'Replies that no rule knows',
    columns: { reply: 'What was said', n: 'How often', where: 'Where', last: 'Last', acts: 'Acts' },
    times: (n: number) => counted(n, { one: 'time', other: 'times' }),
    count: (n: number) => grouped(n),
    stages: {
      report: 'told later',
      banner: 'at the greeting',
      ehlo: 'at the introduction',
      auth: 'at the log-in',
      mail: 'about the sender',
      rcpt: 'about the recipient',
      data: 'before the content',
      body: 'within the content',
      dot: 'after the content',
    } as Readonly<Record<string, string>>,
    knownAs: (name: string) => `Known by now: ${name}`,
    review: 'Mark as looked at',
    unreview: 'Look again',
    reviewed: 'It is counted on, below those nobody has looked at.',
    emptyTitle: 'Every reply was understood',
    empty:
      'When a mail server says something that no rule knows, it is counted here with an example. What is said often is worth a rule: please report it.',
  },
}
