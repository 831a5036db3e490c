using Confluent.Kafka;
using Dapper;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Serilog;

namespace Contracts;

/// <summary>Sends what the outbox holds, oldest first.</summary>
public sealed class OutboxRelay(NpgsqlDataSource db, IProducer<string, string> producer, ILogger log) : BackgroundService
{
    private const string Topic = "contract.signed";
    private long _last;

    private sealed record Row(long Id, long AggregateId, string Type, string Payload);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (await timer.WaitForNextTickAsync(stop))
        {
            await using var connection = await db.OpenConnectionAsync(stop);
            var rows = await connection.QueryAsync<Row>(
                """
                SELECT id, aggregate_id, type, payload FROM outbox
                WHERE id > @last AND sent_at IS NULL
                ORDER BY id LIMIT 500
                """,
                new { last = _last });
            foreach (var row in rows)
            {
                if (row.Type == "ContractSigned")
                {
                    await producer.ProduceAsync(
                        Topic, new Message<string, string> { Key = row.AggregateId.ToString(), Value = row.Payload }, stop);
                }
                await connection.ExecuteAsync("UPDATE outbox SET sent_at = now() WHERE id = @id", new { id = row.Id });
                _last = row.Id;
                log.Debug("Outbox row {Id} sent", row.Id);
            }
        }
    }
}
