import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

export enum InvoiceStatus { Open = 'open', Paid = 'paid', Void = 'void' }

@Entity({ name: 'invoices' })
@Index(['rideId'], { unique: true })
export class Invoice {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ name: 'ride_id' }) rideId: string;
  @Column({ type: 'enum', enum: InvoiceStatus, default: InvoiceStatus.Open }) status: InvoiceStatus;
}
