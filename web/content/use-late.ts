import { useEffect, useState } from 'react'

/** A value, once it has stopped changing: what is asked of the server is not asked with every letter. */
export function useLate<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}
