import { isIP } from 'node:net'
import { expect, test } from 'vitest'
import { sourceAddress } from '../../src/net/source-address.ts'

test.each([4, 6] as const)(
  'the kernel says from where connections begin in family %i, or that there is no way out',
  async (family) => {
    const address = await sourceAddress(family)
    expect(address === null || isIP(address) === family).toBe(true)
  },
)
