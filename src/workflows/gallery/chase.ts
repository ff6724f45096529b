import { CHOOSE, type Template, undelivered } from './template.ts'

export const chase: Template = {
  key: 'chase_no_reply',
  title: 'Ask again, three times at most',
  about:
    'A conversation with the tag “quote-sent” is followed up every three working days until the customer answers; after three times it is closed.',
  graph: {
    schema: 'workflow/1',
    name: 'Ask again, three times at most',
    subject: 'conversation',
    vars: [{ key: 'reminders', type: 'number', default: 0, label: 'Reminders so far' }],
    outputs: [{ key: 'result', type: 'text', label: 'How it ended' }],
    nodes: {
      tagged: { type: 'trigger.tag_added@1', config: { tag: 'quote-sent' }, next: { out: 'answer' } },
      answer: {
        type: 'wait.reply@1',
        config: { from: 'customer', after: { working_days: 3 } },
        next: { replied: 'answered', timeout: 'enough' },
      },
      enough: {
        type: 'if@1',
        config: { when: { field: 'vars.reminders', op: 'less_than', value: 3 } },
        next: { yes: 'remind', no: 'close' },
      },
      remind: {
        type: 'conversation.reply@1',
        config: {
          text: 'Hello{% if contact.first_name %} {{ contact.first_name }}{% endif %},\n\ndid you have the time to look at our quote? We are glad to answer any question.',
          status: 'pending',
        },
        set: { reminders: 'vars.reminders + 1' },
        next: { sent: 'answer', ...undelivered('undelivered'), refused: 'undelivered' },
      },
      undelivered: {
        type: 'conversation.note@1',
        config: { text: 'The reminder could not be delivered. Please look at the address of the customer.' },
        next: { out: 'open' },
      },
      open: { type: 'conversation.status@1', config: { status: 'open' }, next: { out: 'stuck', refused: 'stuck' } },
      close: { type: 'conversation.status@1', config: { status: 'closed' }, next: { out: 'gave_up', refused: 'gave_up' } },
      answered: { type: 'end@1', config: { outputs: { result: "'answered'" } } },
      stuck: { type: 'end@1', config: { outputs: { result: "'undelivered'" } } },
      gave_up: { type: 'end@1', config: { outputs: { result: "'gave_up'" } } },
    },
  },
}

export const invoice: Template = {
  key: 'invoice_reminder',
  title: 'Remind of an invoice',
  about:
    'Your shop tells the events invoice.sent and invoice.paid with the number as the key; between them the customer is reminded three times, and then a person is asked to call.',
  graph: {
    schema: 'workflow/1',
    name: 'Remind of an invoice',
    description:
      'Tell POST /v1/events {"name": "invoice.sent", "key": "A-17", "contact_id": …, "payload": {"amount": "120 €"}}, and invoice.paid with the same key.',
    subject: 'contact',
    reentry: 'allow',
    vars: [{ key: 'reminders', type: 'number', default: 0, label: 'Reminders so far' }],
    nodes: {
      sent: { type: 'trigger.event@1', config: { name: 'invoice.sent' }, next: { out: 'paid' } },
      paid: {
        type: 'wait.event@1',
        config: { name: 'invoice.paid', key: 'event.key', after: { for: '14d' } },
        next: { came: 'end', timeout: 'enough' },
      },
      enough: {
        type: 'if@1',
        config: { when: { field: 'vars.reminders', op: 'less_than', value: 3 } },
        next: { yes: 'remind', no: 'call' },
      },
      remind: {
        type: 'email.send@1',
        config: {
          kind: 'transactional',
          content: {
            by: 'text',
            subject: 'Your invoice {{ event.key }}',
            text: 'Hello{% if contact.first_name %} {{ contact.first_name }}{% endif %},\n\nour invoice {{ event.key }}{% if event.payload.amount %} about {{ event.payload.amount }}{% endif %} has not been paid yet. Have you perhaps overlooked it? If you paid it in the meantime, please take this as a word of thanks.',
          },
        },
        set: { reminders: 'vars.reminders + 1' },
        next: { sent: 'paid', ...undelivered('call') },
      },
      call: {
        type: 'human.task@1',
        config: {
          title: 'Call about the invoice {{ event.key }}',
          text: '{{ contact.name }} ({{ contact.email }}) was reminded {{ vars.reminders }} times.',
          team: CHOOSE,
          decisions: [
            { key: 'wait', label: 'They will pay: wait again' },
            { key: 'done', label: 'Done' },
          ],
          after: { working_days: 10 },
        },
        next: { wait: 'paid', done: 'end', timeout: 'end' },
      },
      end: { type: 'end@1' },
    },
  },
}
