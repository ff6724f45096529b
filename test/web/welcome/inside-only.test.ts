import { expect, test } from 'vitest'
import { insideOnly } from '../../../web/welcome/inside-only.ts'

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', 'evil', '', undefined])(
  '%s leads nowhere but home',
  (next) => {
    expect(insideOnly(next)).toBe('/')
  },
)

test('a path of the console is followed, its filters included', () => {
  expect(insideOnly('/deliveries?state=held')).toBe('/deliveries?state=held')
})
