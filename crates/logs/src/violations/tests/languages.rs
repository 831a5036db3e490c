//! The same violation as servers say it in other languages.

use super::show;

fn all(expected: &str, texts: &[&str]) {
    let wrong: Vec<String> = texts
        .iter()
        .map(|t| (t, show(t)))
        .filter(|(_, shown)| shown != expected)
        .map(|(t, shown)| format!("{t}\n  is  {shown}\n  not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

#[test]
fn postgres_foreign_keys() {
    all(
        "foreign_key 23503 picks_order_fk -.picks (order_id)=(17) -> orders",
        &[
            "FEHLER:  Einfügen oder Aktualisieren in Tabelle »picks« verletzt Fremdschlüssel-Constraint »picks_order_fk«\nDETAIL:  Schlüssel (order_id)=(17) ist nicht in Tabelle »orders« vorhanden.",
            "ERREUR:  une instruction insert ou update sur la table « picks » viole la contrainte de clé étrangère « picks_order_fk »\nDÉTAIL : La clé (order_id)=(17) n'est pas présente dans la table « orders ».",
            "ERROR:  inserción o actualización en la tabla «picks» viola la llave foránea «picks_order_fk»\nDETALLE:  La llave (order_id)=(17) no está presente en la tabla «orders».",
            "ERRO:  inserção ou atualização em tabela \"picks\" viola restrição de chave estrangeira \"picks_order_fk\"\nDETALHE:  Chave (order_id)=(17) não está presente na tabela \"orders\".",
            "ERROR:  テーブル\"picks\"への挿入、更新は外部キー制約\"picks_order_fk\"に違反しています\nDETAIL:  テーブル\"orders\"にキー(order_id)=(17)がありません。",
            "错误:  插入或更新表 \"picks\" 违反外键约束 \"picks_order_fk\"\n详细:  键值对(order_id)=(17)没有在表\"orders\"中出现.",
        ],
    );
    all(
        "foreign_key 23503 picks_order_fk -.picks (id)=(17) -> orders",
        &[
            "FEHLER:  Aktualisieren oder Löschen in Tabelle »orders« verletzt Fremdschlüssel-Constraint »picks_order_fk« von Tabelle »picks«\nDETAIL:  Auf Schlüssel (id)=(17) wird noch aus Tabelle »picks« verwiesen.",
            "ERREUR:  UPDATE ou DELETE sur la table « orders » viole la contrainte de clé étrangère « picks_order_fk » de la table « picks »\nDÉTAIL : La clé (id)=(17) est toujours référencée à partir de la table « picks ».",
            "ERROR:  update o delete en «orders» viola la llave foránea «picks_order_fk» en la tabla «picks»\nDETALLE:  La llave (id)=(17) todavía es referida desde la tabla «picks».",
            "ERRO:  atualização ou exclusão em tabela \"orders\" viola restrição de chave estrangeira \"picks_order_fk\" em \"picks\"\nDETALHE:  Chave (id)=(17) ainda é referenciada pela tabela \"picks\".",
        ],
    );
}

#[test]
fn postgres_nulls_and_checks() {
    all(
        "not_null 23502 - -.order_lines (qty)=()",
        &[
            "FEHLER:  NULL-Wert in Spalte »qty« von Relation »order_lines« verletzt Not-Null-Constraint",
            "ERREUR:  une valeur NULL viole la contrainte NOT NULL de la colonne « qty » dans la relation « order_lines »",
            "ERROR:  el valor nulo en la columna «qty» de la relación «order_lines» viola la restricción de no nulo",
            "ERRO:  o valor nulo na coluna \"qty\" da relação \"order_lines\" viola a restrição de não-nulo",
            "ERROR:  リレーション\"order_lines\"の列\"qty\"のNULL値が非NULL制約に違反しています",
            "错误:  关系 \"order_lines\" 的 \"qty\" 列中的空值违反了非空约束",
        ],
    );
    all(
        "check 23514 qty_positive -.orders ()=()",
        &[
            "FEHLER:  neue Zeile für Relation »orders« verletzt Check-Constraint »qty_positive«",
            "ERREUR:  la nouvelle ligne de la relation « orders » viole la contrainte de vérification « qty_positive »",
            "ERROR:  el nuevo registro para la relación «orders» viola la restricción «check» «qty_positive»",
            "ERRO:  nova linha da relação \"orders\" viola a restrição de verificação \"qty_positive\"",
            "ERROR:  リレーション\"orders\"の新しい行は検査制約\"qty_positive\"に違反しています",
            "错误:  关系 \"orders\" 的新列违反了检查约束 \"qty_positive\"",
        ],
    );
}

#[test]
fn mysql() {
    all(
        "unique 1062 uk_no -.orders ()=(A-17)",
        &[
            "ERROR 1062 (23000): Doppelter Eintrag 'A-17' für Schlüssel 'orders.uk_no'",
            "Doppelter Eintrag 'A-17' für Schlüssel 'orders.uk_no'",
            "Duplicata du champ 'A-17' pour la clef 'orders.uk_no'",
            "SQLSTATE[23000]: Integrity constraint violation: 1062 Entrada duplicada 'A-17' para la clave 'orders.uk_no'",
            "Entrada 'A-17' duplicada para a chave 'orders.uk_no'",
            "'A-17' は索引 'orders.uk_no' で重複しています。",
            "ERROR 1062 (23000): 键 'orders.uk_no' 的重复条目 'A-17'",
        ],
    );
    all(
        "not_null 1048 - -.- (qty)=()",
        &[
            "Feld 'qty' darf nicht NULL sein",
            "Le champ 'qty' ne peut être vide (null)",
            "La columna 'qty' no puede ser nula",
            "Coluna 'qty' não pode ser vazia",
            "列 'qty' は null にできません。",
        ],
    );
}
