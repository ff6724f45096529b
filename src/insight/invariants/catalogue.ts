import * as select from './queries.ts'
import * as workflows from './workflow-queries.ts'

/** What must always be true of the tables: the law's name, what is said when it is broken, and the rows that break it. */
export interface Invariant {
  readonly name: string
  readonly one: string
  readonly many: string
  readonly broken: select.Selection
}

export interface Sight {
  readonly messages: select.Selection
  /** Count every delivery, and not only those of rare states. */
  readonly everyCount: boolean
  readonly now: Date
}

/** docs/ARCHITECTURE.md, "Invariants". */
export function invariantsAt({ messages, everyCount, now }: Sight): readonly Invariant[] {
  return [
    ...ofWaiting(now),
    ...ofMessages(messages, everyCount, now),
    ...ofConversations(everyCount, now),
    ...ofWorkflows(everyCount, now),
    ...ofTheServer(now),
  ]
}

/** Nothing waits silently. */
function ofWaiting(now: Date): Invariant[] {
  return [
    {
      name: 'sending_has_a_sender',
      one: 'A delivery is marked as being sent, but nobody is sending it.',
      many: '{n} deliveries are marked as being sent, but nobody is sending them.',
      broken: select.sendingByNobody(now),
    },
    {
      name: 'waiting_ends',
      one: 'A delivery still waits though its time has run out.',
      many: '{n} deliveries still wait though their time has run out.',
      broken: select.waitingPastItsLife(now),
    },
    {
      name: 'unheard_is_followed_up',
      one: 'A delivery whose answer was not heard should have been sent once more, and was not.',
      many: '{n} deliveries whose answer was not heard should have been sent once more, and were not.',
      broken: select.unheardAndForgotten(now),
    },
    {
      name: 'waiting_has_a_route',
      one: 'Mail waits for a route that does not exist. Make a route the default.',
      many: 'Mail waits for a route that does not exist, in {n} cases. Make a route the default.',
      broken: select.waitingForNoRoute(),
    },
    {
      name: 'circuits_are_probed',
      one: 'A route should have been tried again by now, and nobody tries it.',
      many: '{n} routes should have been tried again by now, and nobody tries them.',
      broken: select.circuitsNobodyTries(now),
    },
  ]
}

/** What is there explains itself, and agrees. */
function ofMessages(messages: select.Selection, everyCount: boolean, now: Date): Invariant[] {
  return [
    {
      name: 'messages_are_complete',
      one: 'A message does not have the deliveries or the record that it was accepted with.',
      many: '{n} messages do not have the deliveries or the record that they were accepted with.',
      broken: select.incompleteMessages(messages),
    },
    {
      name: 'states_are_explained',
      one: 'The recorded events of a delivery do not lead to the state it is in.',
      many: 'The recorded events of {n} deliveries do not lead to the states they are in.',
      broken: select.unexplainedStates(messages),
    },
    {
      name: 'attempts_are_possible',
      one: 'A delivery has attempts that contradict it, such as having been accepted twice.',
      many: '{n} deliveries have attempts that contradict them, such as having been accepted twice.',
      broken: select.impossibleAttempts(messages),
    },
    {
      name: 'suppressed_is_not_mailed',
      one: 'A delivery went to an address that had been suppressed before.',
      many: '{n} deliveries went to addresses that had been suppressed before.',
      broken: select.sentToSuppressed(messages),
    },
    {
      name: 'addresses_are_listed',
      one: 'A delivery cannot be found by its address.',
      many: '{n} deliveries cannot be found by their addresses.',
      broken: select.unlistedAddresses(messages),
    },
    {
      name: 'contents_are_whole',
      one: 'The stored content of a message is missing or incomplete.',
      many: 'The stored content of {n} messages is missing or incomplete.',
      broken: select.spoiltContents(messages),
    },
    {
      name: 'counts_agree',
      one: 'A counter does not agree with the deliveries that are there.',
      many: '{n} counters do not agree with the deliveries that are there.',
      broken: select.wrongCounts(everyCount),
    },
    {
      name: 'campaigns_account_for_everybody',
      one: 'A campaign has more or fewer deliveries than people who were to get it.',
      many: '{n} campaigns have more or fewer deliveries than people who were to get them.',
      broken: select.campaignsThatDiffer(),
    },
    {
      name: 'campaign_figures_agree',
      one: 'The results of a campaign do not agree with its mails.',
      many: 'The results of {n} campaigns do not agree with their mails.',
      broken: select.figuresThatDiffer(everyCount, now),
    },
    {
      name: 'link_counts_agree',
      one: 'How often a link was followed does not agree with what was recorded.',
      many: 'How often {n} links were followed does not agree with what was recorded.',
      broken: select.linkCountsThatDiffer(everyCount, now),
    },
  ]
}

function ofConversations(everyCount: boolean, now: Date): Invariant[] {
  return [
    {
      name: 'conversation_counts_agree',
      one: 'The number beside a folder does not agree with the conversations that are in it.',
      many: 'The numbers beside {n} folders do not agree with the conversations that are in them.',
      broken: select.wrongConversationCounts(everyCount),
    },
    {
      name: 'conversations_are_searched',
      one: 'A conversation cannot be found by its words.',
      many: '{n} conversations cannot be found by their words.',
      broken: select.conversationsWithoutText(everyCount),
    },
    {
      name: 'agents_are_mailed',
      one: 'An agent should have been told by email, and there is no such message.',
      many: 'Agents should have been told by email in {n} cases, and there are no such messages.',
      broken: select.notificationsWithoutMail(now),
    },
    {
      name: 'browsers_are_told',
      one: 'A browser should have been told something by now, and nobody tells it.',
      many: 'Browsers should have been told {n} things by now, and nobody tells them.',
      broken: select.pushesNobodySends(now),
    },
  ]
}

/** Whatever goes on has something that moves it on, or a person who was told. */
function ofWorkflows(everyCount: boolean, now: Date): Invariant[] {
  return [
    {
      name: 'runs_stand_somewhere',
      one: 'A run of a workflow goes on, but stands at none of its steps.',
      many: '{n} runs of workflows go on, but stand at none of their steps.',
      broken: workflows.runsThatStandNowhere(everyCount),
    },
    {
      name: 'waiting_steps_wait_for_something',
      one: 'A step of a workflow waits for nothing that could happen.',
      many: '{n} steps of workflows wait for nothing that could happen.',
      broken: workflows.tokensThatWaitForNothing(everyCount),
    },
    {
      name: 'waits_belong_to_who_waits',
      one: 'Something is waited for by a step of a workflow that does not wait.',
      many: '{n} waits belong to steps of workflows that do not wait.',
      broken: workflows.waitsOfTokensThatDoNotWait(everyCount),
    },
    {
      name: 'lanes_know_their_time',
      one: 'A run of a workflow is due earlier than it would be looked at.',
      many: '{n} runs of workflows are due earlier than they would be looked at.',
      broken: workflows.lanesThatForget(everyCount),
    },
    {
      name: 'branches_come_together',
      one: 'Branches of a run can never come together any more.',
      many: 'Branches of runs can never come together any more, in {n} cases.',
      broken: workflows.forksThatNeverClose(),
    },
    {
      name: 'held_runs_are_counted',
      one: 'A run of a workflow does not say rightly how many of its steps need somebody.',
      many: '{n} runs of workflows do not say rightly how many of their steps need somebody.',
      broken: workflows.heldCountsThatDiffer(everyCount),
    },
    {
      name: 'workflows_are_worked_on',
      one: 'Something should have been done in a workflow five minutes ago, and nobody does it.',
      many: '{n} things should have been done in workflows five minutes ago, and nobody does them.',
      broken: workflows.workNobodyDoes(now),
    },
  ]
}

/** What keeps the promises is itself in place. */
function ofTheServer(now: Date): Invariant[] {
  return [
    {
      name: 'laws_stand',
      one: 'A rule of the tables is switched off: the database no longer refuses what cannot be.',
      many: '{n} rules of the tables are switched off: the database no longer refuses what cannot be.',
      broken: select.missingLaws(),
    },
    {
      name: 'followers_keep_up',
      one: 'A reader of the event log is more than a minute behind. Most often a transaction that runs for very long holds it up.',
      many: '{n} readers of the event log are more than a minute behind. Most often a transaction that runs for very long holds them up.',
      broken: select.laggingFollowers(now),
    },
    {
      name: 'jobs_come_round',
      one: 'A regular job is overdue by more than ten minutes: no process with the role "jobs" does it.',
      many: '{n} regular jobs are overdue by more than ten minutes: no process with the role "jobs" does them.',
      broken: select.forgottenJobs(now),
    },
    {
      name: 'months_exist',
      one: 'Something is wrong with the monthly tables: a missing month, or rows of a clock that is far off.',
      many: '{n} things are wrong with the monthly tables: missing months, or rows of a clock that is far off.',
      broken: select.partitionsOutOfOrder(now),
    },
  ]
}
