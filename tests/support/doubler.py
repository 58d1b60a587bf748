"""A user's worker that doubles numbers, and a template with it."""

WORKER = """
from headrace import Record, Worker, lambda_handler

class Doubler(Worker):
    def process(self, record: Record) -> int:
        return record.json() * 2

handler = lambda_handler(Doubler)
"""
TEMPLATE = """
Resources:
  Doubler:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: doubler.handler
      Events:
        Numbers:
          Type: SelfManagedKafka
          Properties: {KafkaBootstrapServers: ["h:1"], Topics: [numbers]}
"""
