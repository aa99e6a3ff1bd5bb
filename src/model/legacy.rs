//! The AWS accounts under which CloudTrail wrote before it had a service principal.
//!
//! Source: the archived CloudTrail User Guide (May 2023), "CloudTrail supported Regions". The current
//! guide no longer lists them; Regions opened since have none. us-gov-east-1 is left out: the guide
//! and the Terraform provider name different accounts.

const ACCOUNTS: [(&str, &str); 31] = [
    ("af-south-1", "525921808201"),
    ("ap-east-1", "119688915426"),
    ("ap-northeast-1", "216624486486"),
    ("ap-northeast-2", "492519147666"),
    ("ap-northeast-3", "765225791966"),
    ("ap-south-1", "977081816279"),
    ("ap-south-2", "582488909970"),
    ("ap-southeast-1", "903692715234"),
    ("ap-southeast-2", "284668455005"),
    ("ap-southeast-3", "069019280451"),
    ("ap-southeast-4", "187074758985"),
    ("ca-central-1", "819402241893"),
    ("cn-north-1", "193415116832"),
    ("cn-northwest-1", "681348832753"),
    ("eu-central-1", "035351147821"),
    ("eu-central-2", "453052556044"),
    ("eu-north-1", "829690693026"),
    ("eu-south-1", "669305197877"),
    ("eu-south-2", "757211635381"),
    ("eu-west-1", "859597730677"),
    ("eu-west-2", "282025262664"),
    ("eu-west-3", "262312530599"),
    ("il-central-1", "683224464357"),
    ("me-central-1", "585772288577"),
    ("me-south-1", "034638983726"),
    ("sa-east-1", "814480443879"),
    ("us-east-1", "086441151436"),
    ("us-east-2", "475085895292"),
    ("us-gov-west-1", "608710470296"),
    ("us-west-1", "388731089494"),
    ("us-west-2", "113285607260"),
];

/// CloudTrail's account in a Region.
pub fn account_of(region: &str) -> Option<&'static str> {
    ACCOUNTS
        .iter()
        .find(|(name, _)| *name == region)
        .map(|(_, account)| *account)
}

/// The Region that an account of CloudTrail's is for.
pub fn region_of(account: &str) -> Option<&'static str> {
    ACCOUNTS
        .iter()
        .find(|(_, id)| *id == account)
        .map(|(region, _)| *region)
}
