import { CHOOSE, type Template, undelivered } from './template.ts'

const hello = 'Hello{% if contact.first_name %} {{ contact.first_name }}{% endif %},'
const letter = (subject: string, text: string) => ({
  kind: 'marketing',
  clicks: true,
  content: { by: 'text', subject, text: `${hello}\n\n${text}` },
})
const unlessTheyLeave = (after: string) => ({
  arms: [{ port: 'left', label: 'They leave the list', event: 'contact.unsubscribed', of: 'contact' }],
  after: { for: after },
})

export const welcome: Template = {
  key: 'welcome_drip',
  title: 'Welcome, in three letters',
  about: 'Whoever joins a list is greeted at once, and gets two more letters after two and after six days, unless they leave.',
  graph: {
    schema: 'workflow/1',
    name: 'Welcome, in three letters',
    subject: 'contact',
    limits: { runsPerSubject: 1 },
    nodes: {
      joined: { type: 'trigger.contact_subscribed@1', config: { list: CHOOSE }, next: { out: 'first' } },
      first: {
        type: 'email.send@1',
        config: letter('Welcome!', 'it is good to have you here. This is what you can expect of us: …'),
        next: { sent: 'two_days', ...undelivered('end') },
      },
      two_days: { type: 'wait.any@1', config: unlessTheyLeave('2d'), next: { left: 'end', timeout: 'second' } },
      second: {
        type: 'email.send@1',
        config: letter('How to begin', 'three things that others did first: …'),
        next: { sent: 'four_days', ...undelivered('end') },
      },
      four_days: { type: 'wait.any@1', config: unlessTheyLeave('4d'), next: { left: 'end', timeout: 'third' } },
      third: {
        type: 'email.send@1',
        config: letter('Any questions?', 'just answer this mail if there is anything we can do for you.'),
        next: { sent: 'end', ...undelivered('end') },
      },
      end: { type: 'end@1' },
    },
  },
}

const interest = [
  { port: 'there', label: 'They follow a link', event: 'message.clicked', of: 'contact' },
  { port: 'left', label: 'They leave the list', event: 'contact.unsubscribed', of: 'contact' },
]

export const sunset: Template = {
  key: 'reengagement_sunset',
  title: 'Still interested?',
  about:
    'Who follows no link for half a year is asked whether they still want your mail; who does not say so in two weeks is taken off the list.',
  graph: {
    schema: 'workflow/1',
    name: 'Still interested?',
    description:
      'Apply it to those who are on the list already. It counts clicks, not opens: many mail programs open everything, or nothing.',
    subject: 'contact',
    limits: { days: 3650 },
    nodes: {
      joined: { type: 'trigger.contact_subscribed@1', config: { list: CHOOSE }, next: { out: 'quiet' } },
      quiet: {
        type: 'wait.any@1',
        config: { arms: interest, after: { for: '180d' } },
        next: { there: 'quiet', left: 'end', timeout: 'ask' },
      },
      ask: {
        type: 'email.send@1',
        config: letter(
          'Do you still want our mail?',
          'we have not heard of you for a while. If you still want our mail, follow this link: https://www.example.com/still-here — otherwise you need not do anything.',
        ),
        next: { sent: 'answer', ...undelivered('off') },
      },
      answer: {
        type: 'wait.any@1',
        config: { arms: interest, after: { for: '14d' } },
        next: { there: 'quiet', left: 'end', timeout: 'off' },
      },
      off: { type: 'contact.list_remove@1', config: { list: CHOOSE }, next: { out: 'tag', nobody: 'end' } },
      tag: { type: 'contact.tag@1', config: { tags: ['sunset'] }, next: { out: 'end', nobody: 'end' } },
      end: { type: 'end@1' },
    },
  },
}

export const bounces: Template = {
  key: 'bounce_cleanup',
  title: 'Addresses that bounce',
  about: 'Whose mail comes back is marked; when it comes back again within thirty days, nothing is sent there any more.',
  graph: {
    schema: 'workflow/1',
    name: 'Addresses that bounce',
    description: 'Addresses that are refused for good are left out by themselves. This is for those that bounce now and then.',
    subject: 'contact',
    nodes: {
      bounced: { type: 'trigger.mail_bounced@1', config: {}, next: { out: 'mark' } },
      mark: { type: 'contact.tag@1', config: { tags: ['bounced'] }, next: { out: 'again', nobody: 'end' } },
      again: {
        type: 'wait.any@1',
        config: {
          arms: [
            { port: 'bounced', label: 'It comes back again', event: 'delivery.bounced', of: 'contact' },
            { port: 'delivered', label: 'Mail arrives', event: 'delivery.delivered', of: 'contact' },
          ],
          after: { for: '30d' },
        },
        next: { bounced: 'stop', delivered: 'unmark', timeout: 'unmark' },
      },
      stop: {
        type: 'contact.suppress@1',
        config: { reason: 'Bounced twice within 30 days' },
        next: { out: 'end', nobody: 'end' },
      },
      unmark: { type: 'contact.untag@1', config: { tags: ['bounced'] }, next: { out: 'end', nobody: 'end' } },
      end: { type: 'end@1' },
    },
  },
}

export const digest: Template = {
  key: 'weekly_digest',
  title: 'A letter every week',
  about: 'Everybody on a list gets a letter every seven days, made of a template of yours, until they leave.',
  graph: {
    schema: 'workflow/1',
    name: 'A letter every week',
    description: 'Change the template whenever you like: each letter is made when it is sent.',
    subject: 'contact',
    limits: { days: 3650 },
    vars: [{ key: 'letters', type: 'number', default: 0, label: 'Letters so far' }],
    nodes: {
      joined: { type: 'trigger.contact_subscribed@1', config: { list: CHOOSE }, next: { out: 'week' } },
      week: { type: 'wait.any@1', config: unlessTheyLeave('7d'), next: { left: 'end', timeout: 'send' } },
      send: {
        type: 'email.send@1',
        config: { kind: 'marketing', priority: 'low', content: { by: 'template', template: CHOOSE } },
        set: { letters: 'vars.letters + 1' },
        next: { sent: 'week', suppressed: 'end', failed: 'end', expired: 'week', unknown: 'week' },
      },
      end: { type: 'end@1' },
    },
  },
}
