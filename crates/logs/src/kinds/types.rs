//! Exception types by the end of their last name.

use waylaid_model::Kind;

/// Last names of types; a type has a kind when its last name ends with one of these. The longest fit wins.
const TYPES: &[(&str, Kind)] = &[
    ("DuplicateKeyException", Kind::DuplicateKey),
    ("DuplicateKeyError", Kind::DuplicateKey),
    ("UniqueViolation", Kind::DuplicateKey),
    ("UniqueViolationError", Kind::DuplicateKey),
    ("UniqueConstraintError", Kind::DuplicateKey),
    ("UniqueConstraintException", Kind::DuplicateKey),
    ("RecordNotUnique", Kind::DuplicateKey),
    ("EntityExistsException", Kind::DuplicateKey),
    ("IntegrityError", Kind::ConstraintViolation),
    ("DataIntegrityViolationException", Kind::ConstraintViolation),
    ("ConstraintViolationException", Kind::ConstraintViolation),
    ("IntegrityConstraintViolationException", Kind::ConstraintViolation),
    ("ForeignKeyViolation", Kind::ConstraintViolation),
    ("ForeignKeyViolationError", Kind::ConstraintViolation),
    ("ForeignKeyConstraintError", Kind::ConstraintViolation),
    ("NotNullViolation", Kind::ConstraintViolation),
    ("CheckViolation", Kind::ConstraintViolation),
    ("DataException", Kind::ConstraintViolation),
    ("CannotAcquireLockException", Kind::LockContention),
    ("LockAcquisitionException", Kind::LockContention),
    ("PessimisticLockException", Kind::LockContention),
    ("PessimisticLockingFailureException", Kind::LockContention),
    ("LockTimeoutException", Kind::LockContention),
    ("DeadlockLoserDataAccessException", Kind::LockContention),
    ("DeadlockDetected", Kind::LockContention),
    ("LockNotAvailable", Kind::LockContention),
    ("SerializationFailure", Kind::LockContention),
    ("OutOfMemoryError", Kind::ResourceExhausted),
    ("OutOfMemoryException", Kind::ResourceExhausted),
    ("MemoryError", Kind::ResourceExhausted),
    ("StackOverflowError", Kind::ResourceExhausted),
    ("RejectedExecutionException", Kind::ResourceExhausted),
    ("BufferExhaustedException", Kind::ResourceExhausted),
    ("BulkheadFullException", Kind::ResourceExhausted),
    ("TooManyConnections", Kind::ResourceExhausted),
    ("TooManyConnectionsException", Kind::ResourceExhausted),
    ("QueueFullException", Kind::ResourceExhausted),
    ("PoolTimeout", Kind::ResourceExhausted),
    ("UnrecognizedPropertyException", Kind::SchemaMismatch),
    ("SchemaError", Kind::SchemaMismatch),
    ("SchemaValidationError", Kind::SchemaMismatch),
    ("AvroTypeException", Kind::SchemaMismatch),
    ("IncompatibleSchemaException", Kind::SchemaMismatch),
    ("AvroMissingFieldException", Kind::SchemaMismatch),
    ("SchemaParseException", Kind::SchemaMismatch),
    ("JsonParseException", Kind::DeserializationError),
    ("JsonMappingException", Kind::DeserializationError),
    ("MismatchedInputException", Kind::DeserializationError),
    ("InvalidFormatException", Kind::DeserializationError),
    ("ValueInstantiationException", Kind::DeserializationError),
    ("InvalidDefinitionException", Kind::DeserializationError),
    ("JsonProcessingException", Kind::DeserializationError),
    ("JsonEOFException", Kind::DeserializationError),
    ("HttpMessageNotReadableException", Kind::DeserializationError),
    ("JsonException", Kind::DeserializationError),
    ("JsonReaderException", Kind::DeserializationError),
    ("JsonSerializationException", Kind::DeserializationError),
    ("JsonSyntaxException", Kind::DeserializationError),
    ("JsonDecodingException", Kind::DeserializationError),
    ("MissingFieldException", Kind::SchemaMismatch),
    ("SerializationException", Kind::DeserializationError),
    ("RecordDeserializationException", Kind::DeserializationError),
    ("DeserializationException", Kind::DeserializationError),
    ("InvalidProtocolBufferException", Kind::DeserializationError),
    ("AvroRuntimeException", Kind::DeserializationError),
    ("MessageConversionException", Kind::DeserializationError),
    ("JSONDecodeError", Kind::DeserializationError),
    ("UnicodeDecodeError", Kind::DeserializationError),
    ("DecodeError", Kind::DeserializationError),
    ("ZodError", Kind::DeserializationError),
    ("ValidationError", Kind::DeserializationError),
    ("UnmarshalTypeError", Kind::DeserializationError),
    ("CommitFailedException", Kind::NotConsumed),
    ("CommitFailedError", Kind::NotConsumed),
    ("RebalanceInProgressException", Kind::NotConsumed),
    ("RebalanceInProgressError", Kind::NotConsumed),
    ("UnknownMemberIdException", Kind::NotConsumed),
    ("IllegalGenerationException", Kind::NotConsumed),
    ("FencedInstanceIdException", Kind::NotConsumed),
    ("ConnectException", Kind::DependencyError),
    ("SocketTimeoutException", Kind::DependencyError),
    ("SocketException", Kind::DependencyError),
    ("HttpTimeoutException", Kind::DependencyError),
    ("HttpConnectTimeoutException", Kind::DependencyError),
    ("ConnectTimeoutException", Kind::DependencyError),
    ("ReadTimeoutException", Kind::DependencyError),
    ("NoRouteToHostException", Kind::DependencyError),
    ("ResourceAccessException", Kind::DependencyError),
    ("HttpServerErrorException", Kind::DependencyError),
    ("HttpClientErrorException", Kind::DependencyError),
    ("WebClientResponseException", Kind::DependencyError),
    ("WebClientRequestException", Kind::DependencyError),
    ("InternalServerError", Kind::DependencyError),
    ("ServiceUnavailable", Kind::DependencyError),
    ("BadGateway", Kind::DependencyError),
    ("GatewayTimeout", Kind::DependencyError),
    ("FeignException", Kind::DependencyError),
    ("RetryableException", Kind::DependencyError),
    ("HttpRequestException", Kind::DependencyError),
    ("HttpHostConnectException", Kind::DependencyError),
    ("StatusRuntimeException", Kind::DependencyError),
    ("RpcException", Kind::DependencyError),
    ("CallNotPermittedException", Kind::DependencyError),
    ("BrokenCircuitException", Kind::DependencyError),
    ("CircuitBreakerError", Kind::DependencyError),
    ("AxiosError", Kind::DependencyError),
    ("ConnectionError", Kind::DependencyError),
    ("ConnectionRefusedError", Kind::DependencyError),
    ("ConnectionResetError", Kind::DependencyError),
    ("ConnectTimeout", Kind::DependencyError),
    ("ConnectError", Kind::DependencyError),
    ("ReadTimeout", Kind::DependencyError),
    ("HTTPError", Kind::DependencyError),
    ("HTTPStatusError", Kind::DependencyError),
    ("ClientConnectorError", Kind::DependencyError),
    ("CommunicationsException", Kind::DependencyError),
    ("JDBCConnectionException", Kind::DependencyError),
    ("CannotGetJdbcConnectionException", Kind::DependencyError),
    ("NetworkException", Kind::DependencyError),
    ("DisconnectException", Kind::DependencyError),
    ("UnknownHostException", Kind::ConfigError),
    ("BadCredentialsException", Kind::ConfigError),
    ("AuthenticationException", Kind::ConfigError),
    ("AuthorizationException", Kind::ConfigError),
    ("AccessDeniedException", Kind::ConfigError),
    ("Unauthorized", Kind::ConfigError),
    ("Forbidden", Kind::ConfigError),
    ("SSLHandshakeException", Kind::ConfigError),
    ("ConfigException", Kind::ConfigError),
    ("ConfigurationException", Kind::ConfigError),
    ("ConfigurationErrorsException", Kind::ConfigError),
    ("ImproperlyConfigured", Kind::ConfigError),
    ("BeanCreationException", Kind::ConfigError),
    ("NoSuchBeanDefinitionException", Kind::ConfigError),
    ("ConfigurationPropertiesBindException", Kind::ConfigError),
    ("UnknownTopicOrPartitionException", Kind::ConfigError),
    ("InvalidTopicException", Kind::ConfigError),
    ("BadSqlGrammarException", Kind::ConfigError),
    ("SQLGrammarException", Kind::ConfigError),
    ("UndefinedTable", Kind::ConfigError),
    ("UndefinedColumn", Kind::ConfigError),
    ("ClassNotFoundException", Kind::ConfigError),
    ("NoClassDefFoundError", Kind::ConfigError),
    ("ModuleNotFoundError", Kind::ConfigError),
    ("ImportError", Kind::ConfigError),
    ("NoSuchElementException", Kind::DataMissing),
    ("EntityNotFoundException", Kind::DataMissing),
    ("EmptyResultDataAccessException", Kind::DataMissing),
    ("NoResultException", Kind::DataMissing),
    ("ObjectNotFoundException", Kind::DataMissing),
    ("NotFoundException", Kind::DataMissing),
    ("NotFoundError", Kind::DataMissing),
    ("RecordNotFound", Kind::DataMissing),
    ("KeyNotFoundException", Kind::HandlerException),
    ("KeyError", Kind::HandlerException),
    ("DoesNotExist", Kind::DataMissing),
    ("NoResultFound", Kind::DataMissing),
    ("OptimisticLockException", Kind::LockContention),
    ("OptimisticLockingFailureException", Kind::LockContention),
    ("OptimisticLockError", Kind::LockContention),
    ("OptimisticEntityLockException", Kind::LockContention),
    ("StaleObjectStateException", Kind::LockContention),
    ("StaleStateException", Kind::LockContention),
    ("StaleDataError", Kind::LockContention),
    ("DbUpdateConcurrencyException", Kind::LockContention),
    ("ConcurrencyException", Kind::LockContention),
    ("VersionConflictException", Kind::OutOfOrder),
    ("InvalidTransitionException", Kind::OutOfOrder),
    ("InvalidStateTransitionException", Kind::OutOfOrder),
    ("IllegalStateTransitionException", Kind::OutOfOrder),
    ("TransitionError", Kind::OutOfOrder),
    ("TransitionNotAllowed", Kind::OutOfOrder),
    ("OutOfOrderException", Kind::OutOfOrder),
    ("OutOfSequenceException", Kind::OutOfOrder),
    ("XmlException", Kind::DeserializationError),
    ("SAXParseException", Kind::DeserializationError),
    ("ParseError", Kind::DeserializationError),
    ("ParserError", Kind::DeserializationError),
    ("MalformedInputException", Kind::DeserializationError),
    ("UnmappableCharacterException", Kind::DeserializationError),
    ("UnmarshalException", Kind::DeserializationError),
    ("JsonDataException", Kind::DeserializationError),
    ("JsonEncodingException", Kind::DeserializationError),
    ("ExtraData", Kind::DeserializationError),
    ("NotEncodableValueException", Kind::DeserializationError),
    ("InvalidClassException", Kind::SchemaMismatch),
    ("ConditionalCheckFailedException", Kind::LockContention),
    ("StaleObjectError", Kind::LockContention),
    ("TimeoutException", Kind::DependencyError),
    ("TimeoutError", Kind::DependencyError),
    ("TimeoutRejectedException", Kind::DependencyError),
    ("OpenTimeout", Kind::DependencyError),
    ("WriteTimeout", Kind::DependencyError),
    ("PrematureCloseException", Kind::DependencyError),
    ("StreamResetException", Kind::DependencyError),
    ("NoHttpResponseException", Kind::DependencyError),
    ("HttpIOException", Kind::DependencyError),
    ("RemoteProtocolError", Kind::DependencyError),
    ("ServerDisconnectedError", Kind::DependencyError),
    ("ClientOSError", Kind::DependencyError),
    ("ClientPayloadError", Kind::DependencyError),
    ("SocketError", Kind::DependencyError),
    ("MongoNetworkError", Kind::DependencyError),
    ("MongoServerSelectionError", Kind::DependencyError),
    ("FetchError", Kind::DependencyError),
    ("ConnectionFailed", Kind::DependencyError),
    ("BrokenPipeError", Kind::DependencyError),
    ("RequestNotPermitted", Kind::DependencyError),
    ("ThrottlingException", Kind::DependencyError),
    ("ThroughputExceededException", Kind::DependencyError),
    ("TooManyRequestsException", Kind::DependencyError),
    ("NotLeaderOrFollowerException", Kind::DependencyError),
    ("NotEnoughReplicasException", Kind::DependencyError),
    ("LeaderNotAvailableException", Kind::DependencyError),
    ("AlreadyClosedException", Kind::DependencyError),
    ("ServiceUnavailableException", Kind::DependencyError),
    ("AmqpConnectException", Kind::DependencyError),
    ("PoolAcquireTimeoutException", Kind::ResourceExhausted),
    ("AcquireTimeoutError", Kind::ResourceExhausted),
    ("PoolExhaustedException", Kind::ResourceExhausted),
    ("ExhaustedPoolException", Kind::ResourceExhausted),
    ("RecordTooLargeException", Kind::ResourceExhausted),
    ("RecordBatchTooLargeException", Kind::ResourceExhausted),
    ("PacketTooBigException", Kind::ResourceExhausted),
    ("PayloadTooLargeError", Kind::ResourceExhausted),
    ("InsufficientMemoryException", Kind::ResourceExhausted),
    ("NoMemoryError", Kind::ResourceExhausted),
    ("TokenExpiredError", Kind::ConfigError),
    ("ExpiredJwtException", Kind::ConfigError),
    ("CertificateException", Kind::ConfigError),
    ("CertificateExpiredException", Kind::ConfigError),
    ("SSLPeerUnverifiedException", Kind::ConfigError),
];

/// Ends of last names that tell a kind whatever stands before them, for types of applications.
const TELLING: &[(&str, Kind)] = &[
    ("Duplicate", Kind::DuplicateKey),
    ("Deserializ", Kind::DeserializationError),
    ("SchemaMismatch", Kind::SchemaMismatch),
    ("IncompatibleSchema", Kind::SchemaMismatch),
    ("SchemaVersion", Kind::SchemaMismatch),
    ("UnsupportedVersion", Kind::SchemaMismatch),
    ("NotFound", Kind::DataMissing),
    ("NotKnown", Kind::DataMissing),
    ("MissingData", Kind::DataMissing),
    ("OutOfOrder", Kind::OutOfOrder),
    ("OutOfSequence", Kind::OutOfOrder),
    ("InvalidTransition", Kind::OutOfOrder),
    ("IllegalTransition", Kind::OutOfOrder),
    ("StateTransition", Kind::OutOfOrder),
    ("CircuitBreaker", Kind::DependencyError),
    ("Unavailable", Kind::DependencyError),
    ("Deadlock", Kind::LockContention),
    ("LockTimeout", Kind::LockContention),
    ("MissingConfiguration", Kind::ConfigError),
    ("InvalidConfiguration", Kind::ConfigError),
];

/// The kind of a type, with its message where the name alone has two meanings.
pub(super) fn of_name(name: &str, message: &str) -> Option<Kind> {
    let last = name.rsplit(['.', '$', ':', '+', '\\']).next().unwrap_or_default();
    if last.is_empty() {
        return None;
    }
    let fit = TYPES.iter().filter(|(t, _)| last.ends_with(t)).max_by_key(|(t, _)| t.len());
    if let Some((_, kind)) = fit {
        return Some(refine(last, *kind, message));
    }
    let told = TELLING.iter().find(|(t, _)| last.contains(t)).map(|(_, k)| *k);
    told.or_else(|| names_an_unknown_thing(last).then_some(Kind::DataMissing))
}

/// Types of applications that say which thing of the business they could not find: `UnknownTariffException`,
/// `NoSuchCarrierError`, `MissingPriceException`. Things of the machinery (`UnknownHost`, `NoSuchMethod`,
/// `MissingParameter`) are none of the business, and neither is an error that is itself unknown.
fn names_an_unknown_thing(last: &str) -> bool {
    const MACHINERY: &[&str] = &[
        "Host",
        "Topic",
        "Partition",
        "Server",
        "Service",
        "Protocol",
        "Address",
        "Field",
        "Property",
        "Attribute",
        "Column",
        "Table",
        "Header",
        "Param",
        "Argument",
        "Option",
        "Method",
        "Class",
        "Function",
        "Symbol",
        "Module",
        "Bean",
        "File",
        "Type",
        "Version",
        "Format",
        "Codec",
        "Encoding",
        "Charset",
        "Magic",
        "Schema",
        "Tag",
        "Token",
        "Command",
        "Operation",
        "Opcode",
        "Message",
        "Event",
        "Member",
        "Leader",
        "Group",
        "Config",
        "Setting",
        "Environment",
        "Variable",
        "Key",
        "Error",
        "Exception",
        "Failure",
        "Fault",
        "Reason",
        "State",
        "Status",
        "Runtime",
        "Required",
        "Dependency",
        "Library",
        "Credential",
        "Permission",
        "Response",
        "Reply",
        "Answer",
        "Content",
        "Body",
        "Node",
    ];
    let stem = last.strip_suffix("Exception").or_else(|| last.strip_suffix("Error")).unwrap_or(last);
    let thing = ["Unknown", "NoSuch", "Missing", "Nonexistent", "NonExistent"]
        .iter()
        .find_map(|p| stem.strip_prefix(p))
        .unwrap_or_default();
    thing.starts_with(char::is_uppercase) && thing.len() >= 3 && !MACHINERY.iter().any(|m| thing.contains(m))
}

/// Names with two meanings.
fn refine(last: &str, kind: Kind, message: &str) -> Kind {
    let says = |words: &[&str]| words.iter().any(|w| message.contains(w));
    match kind {
        // Spring and Hibernate use these for unique constraints as well.
        Kind::ConstraintViolation if says(&["uplicate", "unique constraint", "Unique", "UNIQUE"]) => {
            Kind::DuplicateKey
        }
        // The text of a parser that speaks of the schema.
        Kind::DeserializationError
            if says(&[
                "nrecognized field",
                "unknown field",
                "schema",
                "Field required",
                "field required",
                "missing required",
            ]) =>
        {
            Kind::SchemaMismatch
        }
        // What was waited for tells more than that it did not come.
        Kind::DependencyError
            if last.contains("Timeout") && says(&["pool", "Pool"]) && !says(&["ConnectionPool("]) =>
        {
            Kind::ResourceExhausted
        }
        Kind::DependencyError if last.contains("Timeout") && says(&[" lock ", " lock:", "lock wait"]) => {
            Kind::LockContention
        }
        // HTTP clients throw one type for refused credentials too.
        Kind::DependencyError if says(&["401", "403"]) && says(&["nauthorized", "orbidden"]) => {
            Kind::ConfigError
        }
        // gRPC's status names more than unavailability.
        Kind::DependencyError if last.contains("Status") && says(&["NOT_FOUND"]) => Kind::DataMissing,
        _ => kind,
    }
}

/// The kind of the first type that a message names.
pub(super) fn of_names_in(message: &str) -> Option<Kind> {
    type_names(message).find_map(|name| of_name(name, message))
}

/// Whether a message names any exception type.
pub(super) fn names_an_exception(message: &str) -> bool {
    type_names(message).next().is_some()
}

/// Words of a message that are names of exception types.
fn type_names(message: &str) -> impl Iterator<Item = &str> {
    let words = message.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '$')));
    words.map(|w| w.trim_matches('.')).filter(|w| {
        let own_name = w.contains('.') || w.bytes().filter(u8::is_ascii_uppercase).count() >= 2;
        w.len() >= 8
            && own_name
            && (w.ends_with("Exception") || w.ends_with("Error") || w.ends_with("Violation"))
    })
}
