import { counted } from '../plural.ts'

export const migration = {
  migration: {
    templates: 'From Keila or listmonk',
    templatesHint: 'A file with what GET /api/v1/templates of Keila or GET /api/templates of listmonk answers.',
    noJson: 'This file is no JSON.',
    made: (n: number, from: string) => `${counted(n, { one: 'template', other: 'templates' })} made. ${from}:`,
    passedOver: (names: readonly string[]) => `Passed over: ${names.join(', ')}.`,
  },
}
