/**
 * What others have measured of features and embeddings, on data sets that are known by their sizes.
 *
 * @module
 */
import type { Statistics } from "../../data/statistics.ts";

/** A published measurement of a modality. */
export interface PublishedMeasure {
  readonly of: string;
  readonly modality: string;
  readonly values: readonly number[];
  readonly source: string;
}

type Sizes = Pick<Statistics, "users" | "items">;

const isWomen = ({ users, items }: Sizes): boolean => users === 19244 && items === 14596;
const isMen = ({ users, items }: Sizes): boolean => users === 4955 && items === 5028;

/** Text and image, by method. */
const WOMEN = {
  MMGCN: [0.7559, 0.5992],
  "MMGCN-n": [0.1547, 0.1820],
  "MMGCN-s": [0.8309, 0.6954],
  "MMGCN-s+l": [0.8010, 0.6870],
} as const;
const MEN = { MMGCN: [0.6541, 0.6111], LATTICE: [0.1961, 0.2721], MARIO: [0.1842, 0.2668] } as const;

/** Returns published values of avg.diff. */
export function publishedAngles(data: Sizes): PublishedMeasure[] {
  const flat = (of: Readonly<Record<string, readonly [number, number]>>, source: string) =>
    Object.entries(of).flatMap(([method, [text, image]]) => [
      { of: method, modality: "text", values: [text], source },
      { of: method, modality: "image", values: [image], source },
    ]);
  return [
    ...isWomen(data) ? flat(WOMEN, "MONET, WSDM 2024, Table 2") : [],
    ...isWomen(data) ? flat({ MONET: [0.112, 0.243] }, "MONET, the authors' notebook, mean of five seeds") : [],
    ...isMen(data) ? flat(MEN, "MARIO, CIKM 2022, the authors' slides") : [],
  ];
}

/** Returns published values of I-I and I-N. */
export function publishedSimilarity(data: Sizes): PublishedMeasure[] {
  const source = "MONET, WSDM 2024, figure 1";
  if (!isWomen(data)) return [];
  return [
    { of: "Women Clothing", modality: "text", values: [0.10991, 0.08663], source },
    { of: "Women Clothing", modality: "image", values: [0.30091, 0.23256], source },
  ];
}
