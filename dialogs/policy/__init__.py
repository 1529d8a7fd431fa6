"""The cancellation policy: rules as data, one evaluator, each verdict with the clause it rests on."""
