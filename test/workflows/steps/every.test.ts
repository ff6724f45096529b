import { expect, test } from 'vitest'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import { deskSteps } from '../../../src/workflows/steps/desk.ts'
import { mailSteps } from '../../../src/workflows/steps/mail/mail.ts'
import { officeSteps } from '../../../src/workflows/steps/office.ts'
import { CONTROL_STEPS } from '../../support/workflow.ts'

test('every kind of node does something, and everything that is done is a kind of node; each once', () => {
  const none = {} as never
  const steps = [...CONTROL_STEPS, ...deskSteps(none), ...mailSteps(none), ...officeSteps(none)].map(({ type }) => type)
  expect(steps.toSorted()).toEqual([...new Set(steps)].toSorted())
  const known = new Set(NODE_TYPES.map(({ type }) => type))
  expect(steps.filter((type) => !known.has(type))).toEqual([])
  expect(NODE_TYPES.filter(({ type, kind }) => kind !== 'trigger' && !steps.includes(type)).map(({ type }) => type)).toEqual([])
})
