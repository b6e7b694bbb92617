//! What the library finds wrong, in core's words.
//!
//! Whatever has no word of its own is an answer that cannot be read: refused like the others.

use anteroom_core::passkey::Fault;
use webauthn_rs_core::error::WebauthnError as Problem;

pub(super) const fn fault(problem: &Problem) -> Fault {
    match problem {
        Problem::InvalidClientDataType => Fault::Type,
        Problem::MismatchedChallenge | Problem::ChallengeNotFound => Fault::Challenge,
        Problem::InvalidRPOrigin => Fault::Origin,
        Problem::CredentialCrossOrigin => Fault::Framed,
        Problem::InvalidRPIDHash => Fault::RelyingParty,
        Problem::UserNotPresent => Fault::Presence,
        Problem::CredentialBackupEligibilityInconsistent
        | Problem::CredentialMayNotBeHardwareBound => Fault::Backup,
        Problem::CredentialAlteredAlgFromRequest
        | Problem::COSEKeyInvalidAlgorithm
        | Problem::COSEKeyInvalidType
        | Problem::COSEKeyEDUnsupported
        | Problem::CredentialInsecureCryptography
        | Problem::AttestationNotSupported
        | Problem::AttestationNotVerifiable
        | Problem::AttestationStatementSigInvalid
        | Problem::AttestationStatementAlgMismatch => Fault::Algorithm,
        Problem::CredentialNotFound
        | Problem::CredentialExcludedFromRequest
        | Problem::CredentialAlreadyExists => Fault::Credential,
        Problem::AuthenticationFailure | Problem::SignatureInvalid => Fault::Signature,
        _ => Fault::Malformed,
    }
}
