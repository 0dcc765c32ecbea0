// The course's facts, as the pages were made from them.
import facts from '../../pages/course.json'

export interface Module {
  number: string
  name: string
  title: string
  tier: string
  hours?: number
  points?: number
  needs: string[]
  tasks: { id: string; title: string; points: number }[]
  builds: string
  there: boolean
}

export const course = facts as unknown as { modules: Module[]; milestones: any[]; staff: boolean; live: boolean }
export const moduleOf = (number: string) => course.modules.find((m) => m.number === number)
