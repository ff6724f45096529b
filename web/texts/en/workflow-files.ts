import { counted } from '../plural.ts'

const stepsOf = (n: number) => counted(n, { one: 'step', other: 'steps' })

export const workflowFiles = {
  workflowFiles: {
    import: 'Import',
    importHint: 'A workflow of Waybill as it was exported, or one of Elsa 3.',
    notJson: 'This file is no JSON: choose a workflow as it was exported from Waybill, or from the designer of Elsa 3.',
    tooLarge: 'This file is larger than 1 MB: a workflow never is.',
    imported: (name: string) => `“${name}” is here as a draft. It runs nothing yet.`,
    export: 'Export',
    up: (name: string) => `Ask sooner: ${name}`,
    down: (name: string) => `Ask later: ${name}`,
    moved: (name: string, place: number) => `“${name}” is number ${place} now.`,
    order: 'Order',
    gallery: {
      open: 'From a template',
      title: 'What should happen by itself?',
      lead: 'Each is a draft of your own then: it runs nothing until you publish it.',
      search: 'Search templates',
      nothing: 'There is no template like this.',
      steps: 'What it does',
      choose: 'Then you choose',
      nothingToChoose: 'There is nothing to choose first.',
      take: 'Begin with this',
      takeOf: (title: string) => `Begin with: ${title}`,
      subjects: { conversation: 'Conversations', contact: 'Contacts', none: 'On its own' },
      of: stepsOf,
    },
    report: {
      open: 'What came of its import',
      none: 'This workflow did not come from a file.',
      title: 'What came of the import',
      elsa: (n: number) => `It came from Elsa 3, with ${counted(n, { one: 'activity', other: 'activities' })}.`,
      own: (n: number) => `It came as a workflow of Waybill, with ${stepsOf(n)}.`,
      by: (who: string) => `by ${who}`,
      clean: 'All of it was carried as it was.',
      lost: (n: number) => `${counted(n, { one: 'thing has', other: 'things have' })} to be done again`,
      carried: (n: number) => `${counted(n, { one: 'thing is', other: 'things are' })} carried with a difference`,
      whole: 'The workflow',
      gone: 'This step is not there any more.',
    },
  },
}
