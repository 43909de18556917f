/**
 * What others have reported of data sets that are known by their sizes. These are their numbers, measured by their code under
 * their protocols: to be shown beside ours, and never mixed with them.
 *
 * Left out are rows that are known to be copies: those of GUME's table that are MMRec's, and its rows of VBPR, MMGCN and SLMRec on
 * Clothing, which are those of Baby. A part taken out or replaced is a method of its own, which no model of ours is.
 *
 * @module
 */
import type { Statistics } from "../../data/statistics.ts";

/** A published accuracy. */
export interface Published {
  /** The method, as its source writes it. */
  readonly method: string;
  /** The name of the model in the catalogue, if it is there. */
  readonly model: string;
  /** By the names that our metrics have. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Where it stands. */
  readonly source: string;
  /** How it was measured, as far as that is known. */
  readonly protocol: string;
}

/** Users, items and interactions of the data sets. */
const SIZES = {
  women: [19244, 14596, 135326],
  men: [4955, 5028, 32363],
  beauty: [22363, 12101, 198502],
  toys: [19412, 11924, 167597],
  office: [4874, 2406, 52957],
  baby: [19445, 7050, 160792],
  sports: [35598, 18357, 296337],
  electronics: [192403, 63001, 1689188],
  tiktok: [9308, 6710, 68722],
} as const;

/** Numbers of one source on one data set: a line per method, with a number per metric. */
interface Table {
  readonly data: keyof typeof SIZES;
  readonly source: string;
  readonly protocol: string;
  readonly metrics: readonly string[];
  readonly rows: string;
}

const A = "A, official split, NDCG of the retrieved hits";
const B = "B, settings chosen on test, standard NDCG";
const MONET = { source: "MONET, WSDM 2024, Table 5", protocol: A };
const MONET_20 = { ...MONET, metrics: ["precision@20", "recall@20", "ndcgRetrieved@20"] } as const;
const MARIO = {
  source: "MARIO, CIKM 2022, the authors' slides",
  protocol: "protocol and kind of NDCG not stated, taken for A's",
  metrics: ["ndcgRetrieved@20", "recall@20", "precision@20", "ndcgRetrieved@10", "recall@10", "precision@10"],
} as const;
const B_METRICS = ["recall@10", "recall@20", "ndcg@10", "ndcg@20"] as const;
const AT_20 = ["recall@20", "ndcg@20"] as const;
const MMREC = { source: "MMRec's page of evaluations", protocol: B, metrics: B_METRICS };
const GUME = { source: "GUME, CIKM 2024, the authors' page", protocol: B, metrics: B_METRICS };
const SECOND_HAND = {
  source: "Sci. Rep. s41598-025-95872-4, Table 3, second hand",
  protocol: A,
  metrics: ["recall@20", "precision@20", "ndcgRetrieved@20"],
} as const;

const TABLES: readonly Table[] = [
  {
    data: "women",
    ...MONET_20,
    rows: `NGCF .0017 .0344 .0151; LightGCN .0032 .0635 .0301; VBPR .0025 .0483 .0213; MMGCN .0021 .0419 .0180;
      GRCN .0035 .0697 .0302; LATTICE .0038 .0753 .0348; MARIO .0039 .0760 .0349; MONET .0050 .0990 .0450`,
  },
  {
    data: "women",
    ...MONET_20,
    source: "MONET, WSDM 2024, Table 6",
    rows: "MONET without MeGCN .0040 .0791 .0361; MONET without target-aware attention .0044 .0866 .0393",
  },
  {
    data: "women",
    source: "MONET, WSDM 2024, Table 2",
    protocol: A,
    metrics: ["recall@20"],
    rows: "MMGCN-n .0597; MMGCN-s .0123; MMGCN-s+l .0341",
  },
  {
    data: "men",
    ...MONET_20,
    rows: `NGCF .0018 .0366 .0146; LightGCN .0021 .0412 .0184; VBPR .0027 .0532 .0220; MMGCN .0020 .0389 .0152;
      GRCN .0028 .0562 .0234; LATTICE .0031 .0612 .0273; MARIO .0035 .0688 .0304; MONET .0045 .0895 .0406`,
  },
  {
    data: "beauty",
    ...MONET_20,
    rows: `NGCF .0041 .0724 .0328; LightGCN .0066 .1181 .0565; VBPR .0046 .0808 .0395; MMGCN .0047 .0812 .0367;
      GRCN .0072 .1268 .0615; LATTICE .0076 .1362 .0657; MARIO .0071 .1275 .0612; MONET .0087 .1539 .0775`,
  },
  {
    data: "toys",
    ...MONET_20,
    rows: `NGCF .0030 .0567 .0254; LightGCN .0059 .1116 .0551; VBPR .0040 .0745 .0355; MMGCN .0033 .0619 .0277;
      GRCN .0065 .1210 .0585; LATTICE .0068 .1284 .0629; MARIO .0064 .1212 .0587; MONET .0081 .1511 .0750`,
  },
  {
    data: "men",
    ...MARIO,
    rows: `MAML .0289 .0694 .0035 .0226 .0442 .0044; MMGCN .0168 .0399 .0020 .0133 .0260 .0026;
      GRCN .0242 .0544 .0027 .0194 .0355 .0036; LATTICE .0279 .0634 .0032 .0221 .0404 .0040;
      MARIO .0314 .0706 .0035 .0259 .0484 .0048`,
  },
  {
    data: "men",
    ...MARIO,
    metrics: ["ndcgRetrieved@10", "recall@10", "precision@10"],
    rows: `MARIO with a mean for attention .0256 .0478 .0048; MARIO with a maximum for attention .0232 .0429 .0043;
      MARIO with a layer for attention .0117 .0214 .0022; MARIO without images .0233 .0415 .0042;
      MARIO without text .0243 .0460 .0046`,
  },
  {
    data: "office",
    ...MARIO,
    rows: `MAML .0628 .1350 .0086 .0505 .0887 .0112; MMGCN .0375 .0892 .0056 .0281 .0534 .0067;
      GRCN .0689 .1326 .0084 .0553 .0845 .0106; LATTICE .0725 .1360 .0083 .0589 .0902 .0109;
      MARIO .0728 .1418 .0086 .0583 .0932 .0110`,
  },
  {
    data: "baby",
    ...MARIO,
    rows: `MMGCN .0249 .0615 .0033 .0187 .0370 .0039; GRCN .0335 .0743 .0040 .0262 .0468 .0050;
      LATTICE .0355 .0804 .0042 .0276 .0503 .0053; MARIO .0378 .0838 .0044 .0300 .0539 .0056`,
  },
  {
    data: "baby",
    ...MMREC,
    rows: `BPR .0357 .0575 .0192 .0249; LightGCN .0479 .0754 .0257 .0328; VBPR .0423 .0663 .0223 .0284;
      MMGCN .0378 .0615 .0200 .0261; DualGNN .0448 .0716 .0240 .0309; GRCN .0539 .0833 .0288 .0363;
      LATTICE .0547 .0850 .0292 .0370; BM3 .0564 .0883 .0301 .0383; SLMRec .0529 .0775 .0290 .0353;
      FREEDOM .0627 .0992 .0330 .0424`,
  },
  {
    data: "sports",
    ...MMREC,
    rows: `BPR .0432 .0653 .0241 .0298; LightGCN .0569 .0864 .0311 .0387; VBPR .0558 .0856 .0307 .0384;
      MMGCN .0370 .0605 .0193 .0254; DualGNN .0568 .0859 .0310 .0385; GRCN .0598 .0915 .0332 .0414;
      LATTICE .0620 .0953 .0335 .0421; BM3 .0656 .0980 .0355 .0438; SLMRec .0663 .0990 .0365 .0450;
      FREEDOM .0717 .1089 .0385 .0481`,
  },
  {
    data: "electronics",
    ...MMREC,
    rows: `BPR .0235 .0367 .0127 .0161; LightGCN .0363 .0540 .0204 .0250; VBPR .0293 .0458 .0159 .0202;
      MMGCN .0213 .0343 .0112 .0146; GRCN .0389 .0590 .0216 .0268; BM3 .0437 .0648 .0247 .0302`,
  },
  {
    data: "baby",
    ...GUME,
    rows: `SLMRec .0540 .0810 .0285 .0357; MGCN .0620 .0964 .0339 .0427; MENTOR .0678 .1048 .0362 .0450;
      GUME .0673 .1042 .0365 .0460`,
  },
  {
    data: "baby",
    ...GUME,
    metrics: AT_20,
    rows: `GUME without graph enhancement .1039 .0460; GUME without alignment .0954 .0417;
      GUME without user modality .1011 .0449`,
  },
  {
    data: "sports",
    ...GUME,
    rows: `SLMRec .0676 .1017 .0374 .0462; MGCN .0729 .1106 .0397 .0496; MENTOR .0763 .1139 .0409 .0511;
      GUME .0778 .1165 .0427 .0527`,
  },
  {
    data: "sports",
    ...GUME,
    metrics: AT_20,
    rows: `GUME without graph enhancement .1155 .0525; GUME without alignment .1076 .0477;
      GUME without user modality .1127 .0509`,
  },
  {
    data: "electronics",
    ...GUME,
    rows: `SLMRec .0422 .0630 .0237 .0291; MGCN .0442 .0650 .0246 .0302; MENTOR .0439 .0655 .0244 .0300;
      GUME .0458 .0680 .0253 .0310`,
  },
  {
    data: "electronics",
    ...GUME,
    metrics: AT_20,
    rows: `GUME without graph enhancement .0679 .0310; GUME without alignment .0642 .0290;
      GUME without user modality .0656 .0303`,
  },
  {
    data: "baby",
    source: "LATTICE, MM 2021, as its author quotes it",
    protocol: A,
    metrics: ["recall@20"],
    rows: "LATTICE .0829",
  },
  {
    data: "baby",
    ...SECOND_HAND,
    rows: `MF .0440 .0024 .0200; NGCF .0591 .0032 .0261; LightGCN .0698 .0037 .0319; VBPR .0486 .0026 .0213;
      MMGCN .0640 .0032 .0284; GRCN .0754 .0040 .0336`,
  },
  {
    data: "sports",
    ...SECOND_HAND,
    rows: `MF .0430 .0023 .0202; NGCF .0695 .0037 .0318; LightGCN .0782 .0042 .0369; VBPR .0582 .0031 .0265;
      MMGCN .0638 .0034 .0279; GRCN .0833 .0044 .0377`,
  },
  {
    data: "tiktok",
    source: "DiffMM, MM 2024",
    protocol: "with a third modality, text; standard NDCG",
    metrics: AT_20,
    rows: `MF-BPR .0346 .0130; LightGCN .0653 .0282; VBPR .0380 .0134; MMGCN .0730 .0307; GRCN .0804 .0350;
      LATTICE .0843 .0367; BM3 .0957 .0404; DiffMM .1129 .0456`,
  },
];

/** Methods that the catalogue has under another name. */
const NAMES: Readonly<Record<string, string>> = { MF: "bprmf", "MF-BPR": "bprmf", BPR: "bprmf" };

/** How far the number of interactions may be from a published one, as a share of it: readers drop a few. */
const SLACK = 0.01;

/** Returns what has been published of a data set, recognised by its numbers of users, items and interactions. */
export function publishedOf(
  { users, items, interactions }: Pick<Statistics, "users" | "items" | "interactions">,
): Published[] {
  return TABLES.filter(({ data }) => {
    const [u, i, n] = SIZES[data];
    return users === u && items === i && Math.abs(interactions.all - n) <= SLACK * n;
  }).flatMap(({ source, protocol, metrics, rows }) =>
    rows.split(";").map((row) => {
      const [, method, numbers] = /^\s*(.*?)((?: \.\d+)+)\s*$/.exec(row)!;
      const values = numbers.trim().split(" ").map(Number);
      return {
        method,
        model: NAMES[method] ?? method.toLowerCase(),
        metrics: Object.fromEntries(metrics.map((name, n) => [name, values[n]])),
        source,
        protocol,
      };
    })
  );
}
