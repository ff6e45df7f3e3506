"""The code systems FHIR requests use, and the codes that mean "not now", "not true" or "none"."""

ATC = frozenset({"http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"})
RXNORM = frozenset({"http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"})
NHSA = frozenset({"https://code.nhsa.gov.cn"})  # no URI is registered for the national drug code; this is its portal
LOINC = frozenset({"http://loinc.org", "urn:oid:2.16.840.1.113883.6.1"})
SNOMED = frozenset({"http://snomed.info/sct"})
ICD10 = frozenset(
    {
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10-cn",
        "urn:oid:2.16.840.1.113883.6.3",
        "urn:oid:2.16.840.1.113883.6.90",
        "urn:oid:2.16.156.10011.2.3.3.11",  # GB/T 14396
    }
)
GONE = frozenset({"entered-in-error", "cancelled", "stopped", "completed", "not-taken", "ended"})
NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})
INACTIVE = frozenset({"inactive", "resolved", "remission"})
NOT_TRUE = frozenset({"refuted", "entered-in-error"})
NO_KNOWN_ALLERGY = frozenset({"716186003", "409137002", "1003774007"})  # SNOMED CT: no known (drug) allergy
PREGNANCY_STATUS = "82810-3"
PREGNANT = frozenset({"77386006", "LA15173-0"})  # SNOMED CT, LOINC answer
NOT_PREGNANT = frozenset({"60001007", "LA26683-5"})
