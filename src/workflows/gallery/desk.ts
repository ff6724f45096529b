import { CHOOSE, type Template } from './template.ts'

export const firstResponse: Template = {
  key: 'first_response_sla',
  title: 'Nobody has answered yet',
  about:
    'When a customer has waited four hours for an answer, the team is told; when nobody answers then either, somebody of the team becomes responsible.',
  graph: {
    schema: 'workflow/1',
    name: 'Nobody has answered yet',
    description: 'Change the times to what you promise your customers. Working hours are those of the inbox’s calendar.',
    subject: 'conversation',
    nodes: {
      overdue: {
        type: 'trigger.answer_overdue@1',
        config: { after: '4h', when: { field: 'conversation.status', op: 'is_any_of', value: ['open', 'pending'] } },
        next: { out: 'urgent' },
      },
      urgent: { type: 'conversation.priority@1', config: { priority: 'high' }, next: { out: 'tell' } },
      tell: {
        type: 'conversation.notify@1',
        config: {
          to: [{ who: 'assignee' }, { who: 'team', team: CHOOSE }],
          subject: 'A customer waits: {{ conversation.subject }}',
          text: '#{{ conversation.number }} {{ conversation.subject }} has been waiting for an answer for four hours.',
        },
        next: { out: 'answer', nobody: 'answer' },
      },
      answer: {
        type: 'wait.reply@1',
        config: { from: 'agent', after: { working_hours: 2 } },
        next: { replied: 'end', timeout: 'late' },
      },
      late: { type: 'conversation.tag@1', config: { tags: ['answered-late'] }, next: { out: 'assign' } },
      assign: {
        type: 'conversation.assign@1',
        config: { who: 'least_busy', team: CHOOSE },
        next: { out: 'say', nobody: 'say', refused: 'say' },
      },
      say: {
        type: 'conversation.note@1',
        config: { text: 'Nobody had answered within two working hours after the first warning.' },
        next: { out: 'end' },
      },
      end: { type: 'end@1' },
    },
  },
}

export const vip: Template = {
  key: 'vip_routing',
  title: 'Important customers first',
  about: 'Conversations of customers with the tag “vip” become urgent and go to a team, one after the other in turn.',
  graph: {
    schema: 'workflow/1',
    name: 'Important customers first',
    subject: 'conversation',
    nodes: {
      begin: {
        type: 'trigger.conversation_started@1',
        config: { when: { field: 'contact.tags', op: 'has', value: 'vip' } },
        next: { out: 'urgent' },
      },
      urgent: { type: 'conversation.priority@1', config: { priority: 'urgent' }, next: { out: 'assign' } },
      assign: {
        type: 'conversation.assign@1',
        config: { who: 'round_robin', team: CHOOSE },
        next: { out: 'tell', nobody: 'team', refused: 'tell' },
      },
      team: { type: 'conversation.assign@1', config: { who: 'team', team: CHOOSE }, next: { out: 'tell', refused: 'tell' } },
      tell: {
        type: 'conversation.notify@1',
        config: {
          to: [{ who: 'assignee' }],
          subject: 'An important customer wrote: {{ conversation.subject }}',
          text: '{{ contact.name }} wrote to us: #{{ conversation.number }} {{ conversation.subject }}',
        },
        next: { out: 'end', nobody: 'end' },
      },
      end: { type: 'end@1' },
    },
  },
}

export const outOfOffice: Template = {
  key: 'out_of_office',
  title: 'Out of office',
  about:
    'When a machine answers that the customer is away, the conversation sleeps for two working days and comes back by itself.',
  graph: {
    schema: 'workflow/1',
    name: 'Out of office',
    description:
      'Messages that were written by a machine are known by their headers. A message of a person wakes the conversation before its time.',
    subject: 'conversation',
    nodes: {
      wrote: {
        type: 'trigger.customer_replied@1',
        config: {
          when: {
            all: [
              { field: 'message.is_automatic', op: 'is_true' },
              { field: 'message.is_first', op: 'is_false' },
            ],
          },
        },
        next: { out: 'tag' },
      },
      tag: { type: 'conversation.tag@1', config: { tags: ['out-of-office'] }, next: { out: 'sleep' } },
      sleep: {
        type: 'conversation.snooze@1',
        config: { for: { working_days: 2 } },
        next: { out: 'back', refused: 'end' },
      },
      back: {
        type: 'wait.reply@1',
        config: { from: 'anybody', after: { working_days: 2 } },
        next: { replied: 'untag', timeout: 'untag' },
      },
      untag: { type: 'conversation.untag@1', config: { tags: ['out-of-office'] }, next: { out: 'end' } },
      end: { type: 'end@1' },
    },
  },
}

export const csat: Template = {
  key: 'csat_after_close',
  title: 'Ask how it was',
  about:
    'A working day after a conversation is closed the customer is asked how it was, once in thirty days; what they answer is tagged.',
  graph: {
    schema: 'workflow/1',
    name: 'Ask how it was',
    subject: 'conversation',
    nodes: {
      closed: {
        type: 'trigger.status_changed@1',
        config: { to: 'closed', when: { field: 'conversation.last_agent_at', op: 'is_set' } },
        next: { out: 'still' },
      },
      still: {
        type: 'wait.any@1',
        config: {
          arms: [
            { port: 'wrote', label: 'The customer writes', event: 'customer.replied', of: 'conversation' },
            { port: 'changed', label: 'It is open again', event: 'status.changed', of: 'conversation' },
          ],
          after: { working_days: 1 },
        },
        next: { wrote: 'end', changed: 'end', timeout: 'once' },
      },
      once: { type: 'once@1', config: { per: 'contact', within: '30d' }, next: { first: 'ask', again: 'end' } },
      ask: {
        type: 'email.send@1',
        config: {
          kind: 'conversation',
          in_thread: true,
          content: {
            by: 'text',
            subject: 'How was it? {{ conversation.subject }}',
            text: 'Hello{% if contact.first_name %} {{ contact.first_name }}{% endif %},\n\nwe closed “{{ conversation.subject }}”. How was it? Just answer with “good” or “bad”, and with a word about why, if you like.\n\nThank you!',
          },
        },
        next: { sent: 'answer', failed: 'end', suppressed: 'end', expired: 'end', unknown: 'answer' },
      },
      answer: {
        type: 'wait.reply@1',
        config: { from: 'customer', after: { for: '7d' } },
        next: { replied: 'how', timeout: 'end' },
      },
      how: {
        type: 'switch@1',
        config: {
          cases: [
            { key: 'bad', label: 'Bad', when: { field: 'message.text', op: 'contains', value: 'bad' } },
            { key: 'good', label: 'Good', when: { field: 'message.text', op: 'contains', value: 'good' } },
          ],
        },
        next: { bad: 'bad', good: 'good', else: 'end' },
      },
      good: { type: 'conversation.tag@1', config: { tags: ['csat-good'] }, next: { out: 'close' } },
      close: { type: 'conversation.status@1', config: { status: 'closed' }, next: { out: 'end', refused: 'end' } },
      bad: { type: 'conversation.tag@1', config: { tags: ['csat-bad'] }, next: { out: 'look' } },
      look: { type: 'conversation.status@1', config: { status: 'open' }, next: { out: 'end', refused: 'end' } },
      end: { type: 'end@1' },
    },
  },
}
