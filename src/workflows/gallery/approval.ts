import { CHOOSE, type Template } from './template.ts'

export const approval: Template = {
  key: 'campaign_approval',
  title: 'Approval before a campaign',
  about:
    'Whoever prepared a campaign asks for approval with a button or by the API; a team decides on its list or by a link in a mail, and is asked again when nobody does.',
  graph: {
    schema: 'workflow/1',
    name: 'Approval before a campaign',
    description: 'It tells the events campaign.approved and campaign.rejected: workflows and programs of yours go on by them.',
    subject: 'none',
    reentry: 'allow',
    inputs: [
      { key: 'campaign', type: 'text', label: 'Name of the campaign' },
      { key: 'link', type: 'text', default: '', label: 'Where it can be looked at' },
    ],
    vars: [{ key: 'asked', type: 'number', default: 0, label: 'Times that somebody was asked' }],
    outputs: [{ key: 'decision', type: 'text' }],
    nodes: {
      button: { type: 'trigger.button@1', config: { label: 'Ask for approval' }, next: { out: 'decide' } },
      called: { type: 'trigger.called@1', config: {}, next: { out: 'decide' } },
      decide: {
        type: 'wait.approval@1',
        config: {
          title: 'May the campaign “{{ inputs.campaign }}” be sent?',
          text: 'Please look at it before you decide. {{ inputs.link }}',
          team: CHOOSE,
          after: { working_days: 2 },
        },
        set: { asked: 'vars.asked + 1' },
        next: { approved: 'tell_yes', rejected: 'tell_no', timeout: 'enough' },
      },
      enough: {
        type: 'if@1',
        config: { when: { field: 'vars.asked', op: 'less_than', value: 3 } },
        next: { yes: 'decide', no: 'tell_no' },
      },
      tell_yes: {
        type: 'event.publish@1',
        config: { name: 'campaign.approved', key: 'inputs.campaign', payload: { asked: 'vars.asked' } },
        next: { out: 'approved' },
      },
      tell_no: {
        type: 'event.publish@1',
        config: { name: 'campaign.rejected', key: 'inputs.campaign', payload: { asked: 'vars.asked' } },
        next: { out: 'rejected' },
      },
      approved: { type: 'end@1', config: { outputs: { decision: "'approved'" } } },
      rejected: { type: 'end@1', config: { outputs: { decision: "'rejected'" } } },
    },
  },
}
