import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { Carton } from './carton';

export type ParcelState = 'PACKED' | 'ANNOUNCED';

export interface Parcel {
  parcelNo: string;
  orderId: number;
  pickId: number;
  zone: string;
  carton: string;
  weightGrams: number;
  state: ParcelState;
}

const COLUMNS = 'parcel_no, order_id, pick_id, zone, carton, weight_grams, state, packed_at';

export class ParcelStore {
  constructor(private readonly pool: Pool) {}

  async cartons(): Promise<Map<string, Carton>> {
    const [rows] = await this.pool.query<RowDataPacket[]>(
      'SELECT code, zone, tare_grams, content_grams, max_grams FROM cartons',
    );
    return new Map(
      rows.map((row) => [
        row.zone,
        { code: row.code, zone: row.zone, tareGrams: row.tare_grams, contentGrams: row.content_grams, maxGrams: row.max_grams },
      ]),
    );
  }

  /** Parcels that exist already for these picks: a record may be delivered, or sent, more than once. */
  async byPick(pickIds: number[]): Promise<Map<number, Parcel>> {
    if (pickIds.length === 0) return new Map();
    const [rows] = await this.pool.query<RowDataPacket[]>(`SELECT ${COLUMNS} FROM parcels WHERE pick_id IN (?)`, [pickIds]);
    return new Map(rows.map((row) => [Number(row.pick_id), toParcel(row)]));
  }

  async nextNumbers(count: number): Promise<string[]> {
    if (count === 0) return [];
    const [rows] = await this.pool.query<RowDataPacket[]>(
      `SELECT NEXTVAL(parcel_numbers) AS n FROM seq_1_to_${Math.trunc(count)}`,
    );
    return rows.map((row) => `FMP${row.n}`);
  }

  /** All of them or none. */
  async insertAll(parcels: Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    await this.inTransaction((connection) => insertRows(connection, parcels));
  }

  async markAnnounced(parcelNos: string[]): Promise<void> {
    if (parcelNos.length === 0) return;
    await this.pool.query<ResultSetHeader>(
      "UPDATE parcels SET state = 'ANNOUNCED', announced_at = UTC_TIMESTAMP(3) WHERE parcel_no IN (?)",
      [parcelNos],
    );
  }

  private async inTransaction<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const result = await work(connection);
      await connection.commit();
      return result;
    } catch (error) {
      await connection.rollback().catch(() => undefined);
      throw error;
    } finally {
      connection.release();
    }
  }
}

async function insertRows(connection: PoolConnection, parcels: Parcel[]): Promise<void> {
  const now = new Date();
  const rows = parcels.map((p) => [p.parcelNo, p.orderId, p.pickId, p.zone, p.carton, p.weightGrams, p.state, now]);
  await connection.query<ResultSetHeader>(`INSERT INTO parcels (${COLUMNS}) VALUES ?`, [rows]);
}

function toParcel(row: RowDataPacket): Parcel {
  return {
    parcelNo: row.parcel_no,
    orderId: Number(row.order_id),
    pickId: Number(row.pick_id),
    zone: row.zone,
    carton: row.carton,
    weightGrams: row.weight_grams,
    state: row.state,
  };
}
