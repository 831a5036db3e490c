using Confluent.Kafka;
using Dapper;
using Npgsql;
using Serilog;

namespace Payout;

/// <summary>Pays assessed claims; reads claim.assessed.</summary>
public sealed class PayoutHandler(NpgsqlDataSource db, IProducer<string, string> producer, ILogger log)
{
    public async Task OnMessageAsync(Assessed evt)
    {
        try
        {
            await HandleAsync(evt);
        }
        catch (Exception e)
        {
            log.Error(e, "Payout for {Claim} failed", evt.ClaimRef);
        }
    }

    private async Task HandleAsync(Assessed evt)
    {
        var no = Numbers.Next();
        await using var connection = await db.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "INSERT INTO payouts (payout_no, claim_ref, policy, chf, created) VALUES (@no, @ClaimRef, @Policy, @Amount, now())",
            new { no, evt.ClaimRef, evt.Policy, evt.Amount });
        log.Information("Payout {No} for {Claim} created", no, evt.ClaimRef);
        await producer.ProduceAsync("claim.closed", Closed.Of(evt.ClaimRef, no));
    }
}

public sealed record Assessed(string ClaimRef, long Policy, int Amount);
